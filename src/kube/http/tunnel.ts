import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { EvenkeelError, redactUrls } from '../../model/index.js';

export interface TunnelOptions {
  /** `http://` or `https://`, with user and password where the proxy wants them. */
  proxy: string;
  target: { host: string; port: number };
  timeoutMs: number;
}

/**
 * A socket to the target through a proxy that is asked to CONNECT (RFC 9110, section 9.3.6).
 * @throws EvenkeelError KUBE_PROXY_FAILED; nothing was sent to the target then
 */
export function tunnel({ proxy, target, timeoutMs }: TunnelOptions): Promise<Socket> {
  const url = new URL(proxy);
  const shown = redactUrls(proxy);
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const headers: { [name: string]: string } = { host: authority };
  if (url.username !== '') headers['proxy-authorization'] = `Basic ${basic(url)}`;
  return new Promise((resolve, reject) => {
    const fail = (what: string, hint: string, cause?: unknown) =>
      reject(
        new EvenkeelError('KUBE_PROXY_FAILED', `The proxy ${shown} ${what}`, {
          hint,
          details: { sent: false },
          ...(cause === undefined ? {} : { cause }),
        }),
      );
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      method: 'CONNECT',
      path: authority,
      headers,
      agent: false,
      timeout: timeoutMs,
    });
    request.once('connect', (response, socket, head) => {
      if (response.statusCode === 200) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket);
      }
      socket.destroy();
      if (response.statusCode === 407) fail('wants other credentials (407)', 'Put user and password into proxy-url, or correct them.');
      else
        fail(
          `refused to connect to ${authority} (${response.statusCode})`,
          'Check proxy-url in the kubeconfig, and what the proxy permits.',
        );
    });
    request.once('response', (response) => {
      response.destroy();
      fail(`does not understand CONNECT (${response.statusCode})`, 'Check proxy-url in the kubeconfig: is it a proxy?');
    });
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', (error) => fail(`cannot be used: ${redactUrls(error.message)}`, 'Check proxy-url in the kubeconfig.', error));
    request.end();
  });
}

function basic(url: URL): string {
  return Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
}
