import { createHmac } from 'node:crypto';
import { EvenkeelError, stringifyJson } from '../model/index.js';
import {
  choice,
  data,
  duration,
  integer,
  list,
  type ModuleDescription,
  object,
  optional,
  options,
  parameter,
  record,
  required,
  text,
} from './describe/types.js';
import { type Duration, milliseconds } from './durations.js';
import type { ModuleHost } from './host.js';
import { type Answer, exchange, type NetHost, parseUrl } from './net/request.js';
import { sleep } from './waiting.js';

interface Sending {
  timeout?: Duration;
  /** Further tries after the first. */
  retries?: number;
}

export interface WebhookOptions extends Sending {
  method?: 'POST' | 'PUT';
  headers?: { [name: string]: string };
  secret?: string;
}

export interface SlackOptions extends Sending {
  title?: string;
  level?: 'info' | 'success' | 'warning' | 'error';
  fields?: { [name: string]: string };
  /** Block Kit, in place of what title, level and fields make. */
  blocks?: unknown[];
}

export interface Delivered {
  status: number;
  attempts: number;
}

/** Messages to people and other systems. URLs count as secrets: no log and no error shows more than their host. */
export interface NotificationsModule {
  webhook(url: string, payload: unknown, options?: WebhookOptions): Promise<Delivered>;
  slack(url: string, message: string, options?: SlackOptions): Promise<Delivered>;
}

const TIMEOUT_MS = 10_000;
const RETRIES = 3;
const LONGEST_PAUSE_MS = 60_000;
const MOST_SLACK = 3_000;
const MOST_FIELDS = 10;

export function openNotifications(host: NetHost & Pick<ModuleHost, 'random'>): NotificationsModule {
  async function send(
    request: { url: string; method: string; body: string; headers: { [name: string]: string } },
    how: Sending,
  ): Promise<Delivered> {
    const url = parseUrl(request.url);
    const hidden = url.pathname + url.search;
    // What can be used by whoever reads it is a secret: Slack's URLs need nothing else.
    if (hidden.length > 8) for (const secret of [request.url, hidden]) host.secrets.add(secret);
    const shown = `the webhook at ${url.host}`;
    const retries = Math.max(0, how.retries ?? RETRIES);
    for (let attempts = 1; ; attempts++) {
      let answer: Answer | undefined;
      let failure: EvenkeelError | undefined;
      try {
        answer = await exchange(host, {
          url,
          method: request.method,
          headers: { 'content-type': 'application/json', ...request.headers },
          body: request.body,
          timeoutMs: milliseconds(how.timeout, TIMEOUT_MS),
          maxBytes: 256 * 1024,
          redirects: 0,
          shown,
        });
      } catch (error) {
        if (!(error instanceof EvenkeelError) || !error.transient) throw error;
        failure = error;
      }
      if (answer !== undefined && answer.status < 300) return { status: answer.status, attempts };
      const again = answer === undefined || answer.status === 429 || answer.status >= 500;
      if (!again || attempts > retries) throw refused({ shown, answer, failure, attempts });
      const asked = Number(answer?.headers['retry-after']) * 1000;
      const pause = asked > 0 ? asked : 500 * 2 ** (attempts - 1) * (0.75 + (host.random(1)[0] as number) / 512);
      await sleep(host, Math.min(pause, LONGEST_PAUSE_MS));
    }
  }

  return {
    async webhook(url, payload, { method = 'POST', headers = {}, secret, ...how } = {}) {
      const body = typeof payload === 'string' ? payload : stringifyJson(payload);
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      return send({ url, method, body, headers: { ...lower, ...(secret === undefined ? {} : signature(host, secret, body)) } }, how);
    },
    async slack(url, message, { title, level, fields, blocks, ...how } = {}) {
      if (blocks !== undefined && (title !== undefined || level !== undefined || fields !== undefined))
        throw new EvenkeelError('OPTION_INVALID', 'notifications.slack: "blocks" stand in place of title, level and fields', {
          where: { field: 'blocks' },
        });
      // What Slack shows where it shows no blocks: notifications, screen readers.
      const fallback = cut(
        `${level === undefined ? '' : `${marks[level]} `}${title === undefined ? '' : `${plain(title)}: `}${plain(message)}`,
      );
      return send(
        {
          url,
          method: 'POST',
          headers: {},
          body: stringifyJson({ text: fallback, blocks: blocks ?? blocksOf(message, { title, level, fields }) }),
        },
        how,
      );
    },
  };
}

/** Over the time and the body, as `time.body`, so that a message that was seen cannot be sent again later. */
function signature(host: Pick<ModuleHost, 'clock' | 'secrets'>, secret: string, body: string): { [name: string]: string } {
  if (secret === '')
    throw new EvenkeelError('OPTION_INVALID', 'notifications.webhook: option "secret" is empty', { where: { field: 'secret' } });
  host.secrets.add(secret);
  const seconds = String(Math.floor(host.clock.now() / 1000));
  const hash = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'x-evenkeel-timestamp': seconds, 'x-evenkeel-signature': `sha256=${hash}` };
}

const marks = { info: ':information_source:', success: ':white_check_mark:', warning: ':warning:', error: ':x:' };

function blocksOf(message: string, { title, level, fields }: Pick<SlackOptions, 'title' | 'level' | 'fields'>): unknown[] {
  const mark = level === undefined ? '' : `${marks[level]} `;
  const heading = title === undefined ? '' : `*${plain(title)}*\n`;
  const section = { type: 'section', text: { type: 'mrkdwn', text: cut(`${mark}${heading}${plain(message)}`) } };
  const named = Object.entries(fields ?? {}).map(([name, value]) => ({
    type: 'mrkdwn',
    text: cut(`*${plain(name)}*\n${plain(value)}`, 2_000),
  }));
  const groups = Array.from({ length: Math.ceil(named.length / MOST_FIELDS) }, (_, i) =>
    named.slice(i * MOST_FIELDS, (i + 1) * MOST_FIELDS),
  );
  return [section, ...groups.slice(0, 10).map((group) => ({ type: 'section', fields: group }))];
}

/** Slack's three characters that begin links, mentions and entities. */
function plain(source: string): string {
  return source.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(source: string, most = MOST_SLACK): string {
  return source.length > most ? `${source.slice(0, most - 1)}…` : source;
}

function refused(what: { shown: string; answer: Answer | undefined; failure: EvenkeelError | undefined; attempts: number }): EvenkeelError {
  const { shown, answer, failure, attempts } = what;
  const tries = attempts === 1 ? '' : ` after ${attempts} tries`;
  const why = answer === undefined ? (failure?.message ?? 'it failed') : `${shown} answered with status ${answer.status}`;
  return new EvenkeelError('NOTIFICATION_FAILED', `the message was not delivered${tries}: ${why}`, {
    hint: answer === undefined ? 'Check the URL, and the network from this machine.' : 'Check the URL and what it wants to be sent.',
    details: { attempts, ...(answer === undefined ? {} : { status: answer.status }) },
  });
}

const sending = {
  timeout: optional(duration, 'For one try. Default 10s'),
  retries: optional(integer, 'Further tries after the first, where the other side is down or busy. Default 3'),
};
const url = parameter('url', text, 'The URL. It counts as a secret from then on');
const delivered = object('Delivered', {
  status: required(integer, 'The status of the answer'),
  attempts: required(integer, 'How many tries it took'),
});
const throws = ['NOTIFICATION_FAILED', 'NET_REFUSED', 'CANCELLED'];

export const notificationsDescription: ModuleDescription<NotificationsModule> = {
  summary: 'Messages to people and other systems. Their URLs count as secrets.',
  functions: {
    webhook: {
      summary: 'Sends JSON to a URL. With a secret it is signed: `X-Evenkeel-Signature: sha256=…` is the HMAC of `timestamp.body`.',
      parameters: [
        url,
        parameter('payload', data, 'Data, sent as JSON; a text is sent as it is'),
        options({
          ...sending,
          method: optional(choice('POST', 'PUT'), 'Default POST'),
          headers: optional(record(text), 'Further headers'),
          secret: optional(text, 'What it is signed with'),
        }),
      ],
      returns: { type: delivered },
      async: true,
      throws,
    },
    slack: {
      summary: 'Sends a message to an incoming webhook of Slack.',
      parameters: [
        url,
        parameter('message', text, 'The message'),
        options({
          ...sending,
          title: optional(text, 'Its title'),
          level: optional(choice('info', 'success', 'warning', 'error'), 'The mark that it gets'),
          fields: optional(record(text), 'Facts beside it, by name'),
          blocks: optional(list(record(data)), 'Block Kit in place of these'),
        }),
      ],
      returns: { type: delivered },
      async: true,
      throws,
    },
  },
};
