import type { RequestFacts } from '../sandbox/index.js';
import type { Pattern, RequestMatch } from './types.js';

const groups: { [verb: string]: readonly string[] } = {
  read: ['get', 'list', 'watch'],
  write: ['create', 'update', 'patch', 'delete', 'deletecollection'],
};

/** What a match looks at. */
export interface Matched extends RequestFacts {
  path: string;
  user: string;
}

/** Whether a request is meant by a match. */
export function matches(match: RequestMatch | undefined, facts: Matched): boolean {
  if (!match) return true;
  const { verb, resource, namespace, name, dryRun, path, user } = match;
  if (verb !== undefined && ![verb].flat().some((wanted) => (groups[wanted] ?? [wanted]).includes(facts.verb))) return false;
  if (resource !== undefined && !fitsResource(resource, facts)) return false;
  if (namespace !== undefined && !fits(namespace, facts.namespace)) return false;
  if (name !== undefined && !fits(name, facts.name)) return false;
  if (dryRun !== undefined && dryRun !== facts.dryRun) return false;
  if (path !== undefined && !fits(path, facts.path.split('?')[0] as string)) return false;
  return user === undefined || fits(user, facts.user);
}

function fitsResource(pattern: Pattern, { resource, group, subresource }: RequestFacts): boolean {
  if (resource === '') return false;
  return [pattern].flat().some((wanted) => {
    if (wanted instanceof RegExp) return fits(wanted, subresource === '' ? resource : `${resource}/${subresource}`);
    const [main = '', sub = ''] = wanted.split('/');
    return fits(sub, subresource) && (fits(main, resource) || (main.includes('.') && fits(main, `${resource}.${group}`)));
  });
}

function fits(pattern: Pattern, value: string): boolean {
  return [pattern].flat().some((wanted) => {
    if (typeof wanted === 'string') return fitsText(wanted, value);
    wanted.lastIndex = 0;
    return wanted.test(value);
  });
}

/** Whether a text in which `*` stands for anything is this value. */
export function fitsText(pattern: string, value: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === value;
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  const end = value.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Requests of these groups ask, although they are sent as creations. */
const reviewGroups = new Set(['authorization.k8s.io', 'authentication.k8s.io']);

/** Whether a request would change something that is stored. */
export function isWrite(facts: RequestFacts): boolean {
  const isReview = reviewGroups.has(facts.group) || (facts.resource === 'serviceaccounts' && facts.subresource === 'token');
  return (groups['write'] as readonly string[]).includes(facts.verb) && facts.resource !== '' && !facts.dryRun && !isReview;
}
