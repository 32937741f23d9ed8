import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../test/support/modules.js';
import { manualClock } from '../model/index.js';

let lab: ModuleLab;
let server: Server;
let hook: string;
let answers: { status: number; headers?: { [name: string]: string } }[] = [];
const seen: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  lab = await moduleLab();
  server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      seen.push({ method: request.method as string, path: request.url as string, headers: request.headers, body });
      const { status, headers } = answers.shift() ?? { status: 200 };
      answer.writeHead(status, headers).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T000/B000/s3cret`;
});
afterAll(async () => {
  await lab.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  seen.length = 0;
  answers = [];
});

/** Waits are over at once. */
const hurried = () => lab.with({ clock: { now: () => Date.now(), sleep: async (_, signal) => signal?.throwIfAborted() } }).notifications;

describe('webhook', () => {
  test('sends JSON, signed over its time', async () => {
    const clock = manualClock(1_700_000_000_000);
    const { notifications } = lab.with({ clock });
    expect(
      await notifications.webhook(hook, { deployed: true, camelKey: 1 }, { secret: 'shared-key', headers: { 'X-Env': 'prod' } }),
    ).toEqual({ status: 200, attempts: 1 });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"deployed":true,"camelKey":1}',
      headers: { 'content-type': 'application/json', 'x-env': 'prod', 'x-evenkeel-timestamp': '1700000000' },
    });
    expect(seen[0]?.headers['x-evenkeel-signature']).toBe(
      `sha256=${createHmac('sha256', 'shared-key').update(`1700000000.${seen[0]?.body}`).digest('hex')}`,
    );
    await notifications.webhook(hook, 'as it is', { method: 'PUT' });
    expect(seen[1]).toMatchObject({ method: 'PUT', body: 'as it is' });
    expect(seen[1]?.headers['x-evenkeel-signature']).toBeUndefined();
  });

  test('tries again where the other side is down or busy, and not where it refuses', async () => {
    answers = [{ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }, { status: 204 }];
    expect(await hurried().webhook(hook, {})).toEqual({ status: 204, attempts: 3 });
    answers = [{ status: 500 }, { status: 500 }];
    await expect(hurried().webhook(hook, {}, { retries: 1 })).rejects.toMatchObject({
      code: 'NOTIFICATION_FAILED',
      details: { attempts: 2, status: 500 },
    });
    answers = [{ status: 404 }];
    await expect(hurried().webhook(hook, {})).rejects.toMatchObject({ details: { attempts: 1, status: 404 } });
    await expect(hurried().webhook('http://127.0.0.1:1/services/T000/x', {}, { retries: 1 })).rejects.toMatchObject({
      code: 'NOTIFICATION_FAILED',
      details: { attempts: 2 },
    });
  });

  test('shows no more of its URL than the host, in no error and no log', async () => {
    answers = [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }];
    await expect(hurried().webhook(hook, {})).rejects.toMatchObject({ message: expect.not.stringContaining('s3cret') });
    lab.modules.log.info(`sending to ${hook}, that is /services/T000/B000/s3cret`);
    expect(lab.lines.at(-1)?.message).not.toContain('s3cret');
    await expect(hurried().webhook('ftp://x/secret-path', {})).rejects.toMatchObject({
      code: 'NET_REFUSED',
      message: expect.not.stringContaining('secret-path'),
    });
  });
});

describe('slack', () => {
  test('sends a message that every client can show, with nothing in it that Slack would take for a mention', async () => {
    await lab.modules.notifications.slack(hook, 'web <!channel> & more', {
      title: 'Deployed',
      level: 'success',
      fields: { Revision: 'abc', By: 'ana' },
    });
    expect(JSON.parse(seen[0]?.body as string)).toEqual({
      text: ':white_check_mark: Deployed: web &lt;!channel&gt; &amp; more',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: ':white_check_mark: *Deployed*\nweb &lt;!channel&gt; &amp; more' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Revision*\nabc' },
            { type: 'mrkdwn', text: '*By*\nana' },
          ],
        },
      ],
    });
    await lab.modules.notifications.slack(hook, 'plain', { blocks: [{ type: 'divider' }] });
    expect(JSON.parse(seen[1]?.body as string)).toEqual({ text: 'plain', blocks: [{ type: 'divider' }] });
    await expect(lab.modules.notifications.slack(hook, 'x', { blocks: [], title: 'y' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
