/** A base in another repository, as a kustomization names it. */
export interface RemoteBase {
  /** What git is asked for: URL or `git@host:path`. */
  repository: string;
  /** Folder in it. */
  path: string;
  /** Branch, tag or commit; '' for the repository's default branch. */
  ref: string;
}

const schemes = ['ssh://', 'https://', 'http://', 'file://'];

/**
 * Reads a URL by Kustomize's rules: `https://host/org/repo//path?ref=v1`, `github.com/org/repo/path`,
 * `git@host:org/repo.git/path`, with `.git`, `_git/` or `//` between repository and path, else the first two
 * segments. Undefined for what is no repository.
 */
export function parseRemote(text: string): RemoteBase | undefined {
  if (text.startsWith('/')) return undefined;
  const question = text.indexOf('?');
  const query = question < 0 ? '' : text.slice(question + 1);
  let rest = question < 0 ? text : text.slice(0, question);
  const parameters = new URLSearchParams(query);
  const ref = parameters.get('ref') || parameters.get('version') || '';

  if (rest.toLowerCase().startsWith('git::')) rest = rest.slice(5);
  let scheme = schemes.find((each) => rest.toLowerCase().startsWith(each)) ?? '';
  rest = rest.slice(scheme.length);
  let user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(rest)?.[0] ?? '';
  rest = rest.slice(user.length);
  const isGithub = /^github\.com[/:]/i.test(rest);
  const likeScp = scheme === '' && (user !== '' || isGithub);
  if (scheme === '' && !likeScp) return undefined;

  let host: string;
  if (scheme === 'file://') {
    host = '';
    rest = user + rest;
    user = '';
  } else {
    let end = rest.indexOf('/');
    const colon = likeScp ? rest.indexOf(':') : -1;
    if (likeScp && (end < 0 || (colon > 0 && colon < end))) end = colon;
    if (end < 0) return undefined;
    host = rest.slice(0, end + 1);
    rest = rest.slice(end + 1);
    if (isGithub) {
      if (scheme === 'ssh://' || user !== '') {
        scheme = '';
        host = 'github.com:';
        if (user === '') user = 'git@';
      } else {
        scheme = 'https://';
        host = 'github.com/';
      }
    }
  }
  const parts = splitRepository(rest, scheme === 'file://');
  if (parts === undefined || parts.repository === '') return undefined;
  const path = cleanPath(parts.path);
  if (path === undefined) return undefined;
  return { repository: scheme + user + host + parts.repository, path, ref };
}

function splitRepository(text: string, wholePath: boolean): { repository: string; path: string } | undefined {
  const marker = text.indexOf('_git/');
  if (marker >= 0) {
    const [name = '', ...path] = text.slice(marker + 5).split('/');
    return { repository: text.slice(0, marker + 5) + name, path: path.join('/') };
  }
  const slashes = text.indexOf('//');
  if (slashes >= 0) return { repository: text.slice(0, slashes), path: text.slice(slashes + 2) };
  const suffix = text.indexOf('.git');
  if (suffix >= 0) return { repository: text.slice(0, suffix + 4), path: text.slice(suffix + 4) };
  if (wholePath) return { repository: text, path: '' };
  const segments = text.split('/');
  if (segments.length < 2) return undefined;
  return { repository: segments.slice(0, 2).join('/'), path: segments.slice(2).join('/') };
}

/** Undefined where the path leads out of the repository. */
function cleanPath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** A file on a web server, which no commit pins. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** A file of GitHub's, as the repository, revision and path that it stands for. */
export function githubFile(text: string): RemoteBase | undefined {
  const raw = /^https?:\/\/raw\.githubusercontent\.com\/([^/?#]+)\/([^/?#]+)\/(?:refs\/(?:heads|tags)\/)?([^/?#]+)\/([^?#]+)$/i.exec(text);
  const blob = /^https?:\/\/github\.com\/([^/?#]+)\/([^/?#]+)\/(?:raw|blob)\/(?:refs\/(?:heads|tags)\/)?([^/?#]+)\/([^?#]+)$/i.exec(text);
  const match = raw ?? blob;
  const path = match ? cleanPath(match[4] as string) : undefined;
  if (!match || path === undefined || !/\.(?:ya?ml|json)$/i.test(path)) return undefined;
  return { repository: `https://github.com/${match[1]}/${match[2]}`, ref: match[3] as string, path };
}
