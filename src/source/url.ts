import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EvenkeelError, nearest, printable, redactUrls } from '../model/index.js';

export interface RepositoryUrl {
  /** Normalised, without credentials: what messages show and what a mirror is known by. */
  url: string;
  /** What git is given: the same, or the path of a local repository. */
  remote: string;
  kind: 'http' | 'ssh' | 'local';
  /** Taken out of an http URL. `password` is absent where only a name was written. */
  username?: string;
  password?: string;
}

const schemes = ['https', 'http', 'ssh', 'file'];
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;
const userPattern = /^[a-z0-9_][a-z0-9_.+-]*$/i;

/**
 * Reads a repository URL as a person writes it.
 *
 * - `https://`, `http://`, `ssh://`, `file://` URLs, and ssh's short form `[user@]host:path`
 * - `owner/name` means GitHub; `host.tld/path` means https
 * - a local repository or bundle file is absolute or begins with `./` or `../` (`base` is what it is relative to)
 *
 * User and password are taken out of http URLs and returned apart.
 * @throws EvenkeelError SOURCE_URL_INVALID
 */
export function normaliseUrl(text: string, base = process.cwd()): RepositoryUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) throw invalid(text, 'has control characters or line breaks in it');
  text = text.trim();
  if (text === '') throw invalid(text, 'is empty');
  if (text.startsWith('-')) throw invalid(text, 'begins with "-", which git would take for an option');
  if (/^[^/]*::/.test(text) && !text.startsWith('[')) throw invalid(text, 'names a transport helper, and those are not allowed');
  if (isAbsolute(text) || /^\.{1,2}(?:\/|$)/.test(text)) return local(resolve(base, text));
  if (text.startsWith('~')) throw invalid(text, 'begins with "~"', 'Write the whole path, beginning with /.');

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'file') return fileUrl(text);
  if (scheme === 'http' || scheme === 'https') return httpUrl(text);
  if (scheme === 'ssh') return sshUrl(text);
  if (scheme !== undefined) {
    const near = nearest(scheme, schemes);
    throw invalid(
      text,
      `has the scheme "${scheme}"`,
      `Use https, ssh, http or file${near === undefined ? '' : ` (did you mean ${near}://?)`}.`,
    );
  }
  return shortForm(text);
}

function shortForm(text: string): RepositoryUrl {
  const scp = /^(?:([^@/:]+)@)?(\[[^\]]*\]|[^@/:[\]]+):(.*)$/.exec(text);
  if (scp) {
    const [, user, host, path] = scp as unknown as [string, string | undefined, string, string];
    if (schemes.includes(host.toLowerCase())) throw invalid(text, `looks like a ${host} URL without its two slashes`);
    checkHost(text, host);
    if (user !== undefined) checkUser(text, user);
    const trimmed = trimPath(path);
    if (user === undefined && trimmed.includes('@')) throw invalid(text, 'has a colon before its "@": a password has no place there');
    if (trimmed === '' || trimmed.startsWith('-') || trimmed.startsWith(':')) throw invalid(text, 'has no usable path after the colon');
    const url = `${user === undefined ? '' : `${user}@`}${host.toLowerCase()}:${trimmed}`;
    return { url, remote: url, kind: 'ssh' };
  }
  if (/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\/[a-z0-9_.][a-z0-9._-]*\/?$/i.test(text)) return httpUrl(`https://github.com/${text}`);
  if (/^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?::[0-9]+)?\/./i.test(text)) return httpUrl(`https://${text}`);
  throw invalid(text, 'is neither a URL nor a path', `A local folder is written ./${text}, a repository on GitHub owner/name.`);
}

function local(path: string): RepositoryUrl {
  return { url: pathToFileURL(path).href, remote: path, kind: 'local' };
}

function fileUrl(text: string): RepositoryUrl {
  let parsed: URL;
  let path: string;
  try {
    parsed = new URL(text);
    path = fileURLToPath(parsed);
  } catch {
    throw invalid(text, 'is not a file URL of this machine', 'Write it with three slashes: file:///path/to/repository.');
  }
  if (parsed.search !== '' || parsed.hash !== '') throw invalid(text, 'has a query or a fragment');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) throw invalid(text, 'has control characters or line breaks in it');
  return local(resolve(path));
}

function httpUrl(text: string): RepositoryUrl {
  const parsed = parse(text);
  checkHost(text, parsed.hostname);
  if (parsed.search !== '' || parsed.hash !== '')
    throw invalid(text, 'has a query or a fragment', 'Give branch, tag or path as fields of their own, not in the URL.');
  const url = `${parsed.protocol}//${parsed.host}${trimPath(parsed.pathname)}`;
  const found: RepositoryUrl = { url, remote: url, kind: 'http' };
  if (parsed.username !== '') found.username = decode(text, parsed.username);
  if (parsed.password !== '') found.password = decode(text, parsed.password);
  return found;
}

function sshUrl(text: string): RepositoryUrl {
  const parsed = parse(text);
  checkHost(text, parsed.hostname);
  if (parsed.password !== '') throw invalid(text, 'has a password, and ssh takes none from a URL', 'Give an ssh key as credentials.');
  if (parsed.username !== '') checkUser(text, parsed.username);
  if (parsed.search !== '' || parsed.hash !== '') throw invalid(text, 'has a query or a fragment');
  const path = trimPath(parsed.pathname);
  if (path === '') throw invalid(text, 'has no path');
  const port = parsed.port === '' || parsed.port === '22' ? '' : `:${parsed.port}`;
  const url = `ssh://${parsed.username === '' ? '' : `${parsed.username}@`}${parsed.hostname.toLowerCase()}${port}${path}`;
  return { url, remote: url, kind: 'ssh' };
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw invalid(text, 'cannot be read as a URL');
  }
}

function decode(text: string, part: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    throw invalid(text, 'has a user or password that is not percent-encoded as URLs need it');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(decoded)) throw invalid(text, 'has control characters in its user or password');
  return decoded;
}

function trimPath(path: string): string {
  return path.replace(/\/+$/, '');
}

function checkHost(text: string, host: string): void {
  if (!hostPattern.test(host)) throw invalid(text, `has the host "${host}", which is not one`);
}

function checkUser(text: string, user: string): void {
  if (!userPattern.test(user)) throw invalid(text, 'has a user name that ssh does not take');
}

function invalid(text: string, why: string, hint?: string): EvenkeelError {
  // What stands before the last @ may be a password, whatever else is wrong with the text: only ssh's plain user@ is shown.
  const cut = redactUrls(text);
  const shown = printable(/^[^:@/]+@[^@]*$/.test(cut) ? cut : cut.replace(/^.*@/s, '…@')).slice(0, 200);
  return new EvenkeelError('SOURCE_URL_INVALID', `The repository URL "${shown}" ${why}.`, {
    where: { field: 'url' },
    hint: hint ?? 'Write https://host/owner/name, git@host:owner/name, owner/name (GitHub), or a local path beginning with / or ./.',
  });
}
