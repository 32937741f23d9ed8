import { BlockList, isIP } from 'node:net';
import { EvenkeelError, redactUrls } from '../../model/index.js';

/** @throws EvenkeelError KUBE_CONFIG_INVALID for what is not an http or https proxy */
export function checkProxy(url: string, file: string | undefined): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url;
  const socks = /^socks/.test(parsed?.protocol ?? '');
  throw new EvenkeelError(
    'KUBE_CONFIG_INVALID',
    `The proxy ${redactUrls(url)} ${socks ? 'is a SOCKS proxy' : 'is not an http:// or https:// URL'}`,
    {
      where: { ...(file === undefined ? {} : { file }), field: 'proxy-url' },
      hint: socks ? 'SOCKS proxies are not supported: use an HTTP proxy that permits CONNECT.' : 'Write it like http://proxy.example:3128.',
    },
  );
}

/**
 * The proxy that the environment names for a server, by the rules of Go's net/http: HTTPS_PROXY or
 * HTTP_PROXY by the server's scheme, NO_PROXY with host suffixes, addresses, ranges and ports; never for
 * this machine itself.
 */
export function proxyFromEnvironment(server: string, env: { [name: string]: string | undefined }): string | undefined {
  const url = new URL(server);
  const secure = url.protocol === 'https:';
  const given = secure ? (env['HTTPS_PROXY'] ?? env['https_proxy']) : (env['HTTP_PROXY'] ?? env['http_proxy']);
  if (given === undefined || given === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || /^127\./.test(host) || host === '::1') return undefined;
  const port = url.port === '' ? (secure ? '443' : '80') : url.port;
  const exceptions = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((e) => e.trim().toLowerCase());
  if (exceptions.some((exception) => exception !== '' && matches(exception, host, port))) return undefined;
  return given.includes('://') ? given : `http://${given}`;
}

function matches(exception: string, host: string, port: string): boolean {
  if (exception === '*') return true;
  if (exception.includes('/')) return inRange(exception, host);
  const split = /^(\[[^\]]+\]|[^:]+)(?::([0-9]+))?$/.exec(exception);
  const name = (split?.[1] ?? exception).replace(/^\[|\]$/g, '');
  if (split?.[2] !== undefined && split[2] !== port) return false;
  if (isIP(name) !== 0) return name === host;
  if (name.startsWith('*.')) return host.endsWith(name.slice(1));
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inRange(range: string, host: string): boolean {
  const [address = '', bits = ''] = range.split('/', 2);
  const family = isIP(host);
  if (family === 0 || isIP(address) !== family || !/^[0-9]{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
