import { EvenkeelError, printable } from '../model/index.js';
import type { Ref } from './types.js';

/** What a Ref asks of a remote, checked: a full ref name, HEAD, or a commit hash in lower case. */
export type Wanted =
  | { kind: 'branch' | 'tag'; name: string; ref: string }
  | { kind: 'head' }
  | { kind: 'commit'; hash: string; full: boolean };

/**
 * Checks a ref before any of it reaches git. `refs/heads/` and `refs/tags/` before a name are taken off.
 * @throws EvenkeelError SOURCE_REF_INVALID
 */
export function readRef(ref: Ref): Wanted {
  const given = Object.keys(ref).filter((key) => (ref as Record<string, unknown>)[key] !== undefined);
  if (given.length !== 1) throw invalid('ref', given.join(', '), 'names more or less than one of branch, tag, commit and head');
  if ('head' in ref) return { kind: 'head' };
  if ('commit' in ref) return readCommit(ref.commit);
  if ('branch' in ref) return readName('branch', ref.branch, 'refs/heads/');
  if ('tag' in ref) return readName('tag', ref.tag, 'refs/tags/');
  throw invalid('ref', given.join(', '), 'is none of branch, tag, commit and head');
}

/** 40 hexadecimal digits, or 64 in a repository that uses SHA-256. */
export function isFullHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function readCommit(text: unknown): Wanted {
  const hash = String(text).toLowerCase();
  if (typeof text !== 'string' || !/^[0-9a-f]{4,64}$/.test(hash) || (hash.length > 40 && hash.length < 64))
    throw invalid('commit', String(text), 'is not a commit hash', 'A commit is 40 hexadecimal digits, or at least the first 4 of them.');
  return { kind: 'commit', hash, full: isFullHash(hash) };
}

function readName(kind: 'branch' | 'tag', text: unknown, prefix: string): Wanted {
  if (typeof text !== 'string') throw invalid(kind, String(text), 'is not text');
  const name = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const why = wrongName(name);
  if (why !== undefined) throw invalid(kind, text, why);
  return { kind, name, ref: `${prefix}${name}` };
}

/** Git's own rules for ref names (git-check-ref-format), and no leading "-". */
function wrongName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 1000) return 'is too long';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f]/.test(name)) return 'has spaces or control characters in it';
  if (name.startsWith('-')) return 'begins with "-", which git would take for an option';
  if (/[~^:?*[\\]/.test(name)) return 'has one of ~ ^ : ? * [ \\ in it';
  if (name.includes('..') || name.includes('@{') || name === '@') return 'has ".." or "@{" in it';
  if (name.endsWith('.')) return 'ends with a dot';
  if (/\p{Surrogate}/u.test(name)) return 'is not well-formed text';
  for (const part of name.split('/')) {
    if (part === '') return 'begins or ends with "/", or has two in a row';
    if (part.startsWith('.') || part.endsWith('.lock')) return 'has a part that begins with "." or ends with ".lock"';
  }
  return undefined;
}

function invalid(field: string, text: string, why: string, hint?: string): EvenkeelError {
  return new EvenkeelError('SOURCE_REF_INVALID', `The ${field} "${printable(text).slice(0, 200)}" ${why}.`, {
    where: { field },
    hint: hint ?? `Write the ${field} as "git ${field === 'tag' ? 'tag' : 'branch'}" lists it, for example main or v1.2.3.`,
  });
}
