import { compareText, count, EvenkeelError, nearest, printable } from '../model/index.js';
import type { Git } from './git.js';
import type { Wanted } from './refs.js';

/** What a remote answered for one ref. */
export interface Advertised {
  /** The full name that it was found under. */
  ref: string;
  hash: string;
  /** False where a tag may be an annotated one that the transport did not peel (bundle files). */
  peeled: boolean;
}

/**
 * Asks the remote for a branch, a tag or its HEAD.
 * @throws EvenkeelError SOURCE_BRANCH_MISSING, SOURCE_TAG_MISSING, SOURCE_EMPTY, SOURCE_HEAD_DANGLING and what git fails with
 */
export async function askRemote(git: Git, wanted: Exclude<Wanted, { kind: 'commit' }>, signal?: AbortSignal): Promise<Advertised> {
  const patterns = wanted.kind === 'head' ? ['HEAD'] : wanted.kind === 'tag' ? [wanted.ref, `${wanted.ref}^{}`] : [wanted.ref];
  const { refs, head } = parse(await list(git, ['--symref'], patterns, signal));
  if (wanted.kind === 'head') {
    const hash = refs.get('HEAD');
    if (hash !== undefined) return { ref: head ?? 'HEAD', hash, peeled: true };
  } else {
    const hash = refs.get(wanted.ref);
    const peeled = refs.get(`${wanted.ref}^{}`);
    if (hash !== undefined) return { ref: wanted.ref, hash: peeled ?? hash, peeled: wanted.kind === 'branch' || peeled !== undefined };
  }
  throw absent(git.url.url, wanted, parse(await list(git, ['--heads', '--tags'], [], signal)).refs);
}

/** How long the hashes of a remote are: 40, or 64 where it uses SHA-256; 40 where it has none. */
export async function hashLength(git: Git, signal?: AbortSignal): Promise<number> {
  for (const hash of parse(await list(git, [], [], signal)).refs.values()) return hash.length;
  return 40;
}

function list(git: Git, flags: string[], patterns: string[], signal?: AbortSignal): Promise<Buffer> {
  return git.call({ args: ['ls-remote', ...flags, '--end-of-options', git.url.remote, ...patterns], remote: true, signal });
}

function parse(output: Buffer): { refs: Map<string, string>; head?: string } {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of output.toString('utf8').split('\n')) {
    const symref = /^ref: (\S+)\tHEAD$/.exec(line);
    if (symref) head = symref[1];
    const ref = /^([0-9a-f]{40}|[0-9a-f]{64})\t(.+)$/.exec(line);
    if (ref) refs.set(ref[2] as string, ref[1] as string);
  }
  return { refs, head };
}

function absent(url: string, wanted: Exclude<Wanted, { kind: 'commit' }>, refs: Map<string, string>): EvenkeelError {
  const names = (prefix: string) =>
    [...refs.keys()].filter((ref) => ref.startsWith(prefix) && !ref.endsWith('^{}')).map((ref) => ref.slice(prefix.length));
  const branches = names('refs/heads/').sort(compareText);
  const tags = names('refs/tags/').sort(compareText);
  const where = { url };
  const details = { branches: branches.slice(0, 100) };
  if (branches.length === 0 && tags.length === 0)
    return new EvenkeelError('SOURCE_EMPTY', `${url} has no branches and no commits yet.`, { where, hint: 'Push a commit to it first.' });
  if (wanted.kind === 'head')
    return new EvenkeelError('SOURCE_HEAD_DANGLING', `The HEAD of ${url} names no branch that exists. ${known('branch', branches)}`, {
      where,
      details,
      hint: branches.length > 0 ? `Name a branch, for example ${printable(likely(branches))}.` : 'Name a tag.',
    });
  const [own, other, otherKind] = wanted.kind === 'branch' ? [branches, tags, 'tag'] : [tags, branches, 'branch'];
  const near = nearestFew(wanted.name, own);
  const hint = other.includes(wanted.name)
    ? `There is a ${otherKind} of that name: ask for the ${otherKind}.`
    : near.length > 0
      ? `Did you mean ${near.map((name) => `"${printable(name)}"`).join(' or ')}?`
      : `Name one that exists, or push this one first.`;
  return new EvenkeelError(
    wanted.kind === 'branch' ? 'SOURCE_BRANCH_MISSING' : 'SOURCE_TAG_MISSING',
    `${url} has no ${wanted.kind} "${wanted.name}". ${known(wanted.kind, own)}`,
    { where: { url, field: wanted.kind }, hint, details: wanted.kind === 'branch' ? details : { tags: tags.slice(-100) } },
  );
}

function likely(branches: string[]): string {
  return ['main', 'master'].find((name) => branches.includes(name)) ?? (branches[0] as string);
}

/** Up to three names that may have been meant, the likeliest first. */
function nearestFew(name: string, all: string[]): string[] {
  const left = all.slice(0, 2000);
  const found: string[] = [];
  while (found.length < 3) {
    const near = nearest(name, left);
    if (near === undefined) break;
    found.push(near);
    left.splice(left.indexOf(near), 1);
  }
  return found;
}

function known(kind: string, names: string[]): string {
  const plural = kind === 'branch' ? 'branches' : 'tags';
  if (names.length === 0) return `It has no ${plural}.`;
  const shown = names.slice(0, 8).map(printable).join(', ');
  return names.length <= 8
    ? `Its ${names.length === 1 ? `only ${kind} is` : `${plural} are`} ${shown}.`
    : `It has ${count(names.length, kind, plural)}, among them ${shown}.`;
}
