import { isIP } from 'node:net';
import { each, subdomain } from '../check.js';
import { type FieldErrors, goStrings, invalid, required } from '../field.js';
import type { Loose } from '../types.js';

const most = { nameservers: 3, paths: 32, characters: 2048 };

/** How names are resolved; `policy` None leaves it all to the configuration. */
export function validateDns(config: Loose, policy: string | undefined, at: string): FieldErrors {
  if (policy === 'None') {
    if (!config) return [required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((config.nameservers ?? []).length === 0)
      return [required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!config) return [];
  const out: FieldErrors = [];
  const { nameservers = [], searches = [] } = config;
  if (nameservers.length > most.nameservers)
    out.push(invalid(`${at}.nameservers`, goStrings(nameservers), `must not have more than ${most.nameservers} nameservers`));
  out.push(...each(nameservers, `${at}.nameservers`, (ip, path) => (isIP(ip) ? [] : [invalid(path, ip, 'must be valid IP address')])));
  if (searches.length > most.paths)
    out.push(invalid(`${at}.searches`, goStrings(searches), `must not have more than ${most.paths} search paths`));
  if (searches.join(' ').length > most.characters)
    out.push(
      invalid(
        `${at}.searches`,
        goStrings(searches),
        `must not have more than ${most.characters} characters (including spaces) in the search list`,
      ),
    );
  out.push(...each(searches, `${at}.searches`, (search, path) => subdomain(search.replace(/\.$/, ''), path)));
  out.push(...each(config.options, `${at}.options`, (option, path) => (option.name ? [] : [required(path, 'must not be empty')])));
  return out;
}

export function validateHostAliases(aliases: Loose[] | undefined, at: string): FieldErrors {
  return (aliases ?? []).flatMap((alias) => [
    ...(isIP(alias.ip ?? '') ? [] : [invalid(`${at}.ip`, alias.ip ?? '', 'must be valid IP address')]),
    ...(alias.hostnames ?? []).flatMap((name: string) => subdomain(name, `${at}.hostnames`)),
  ]);
}
