import type { FetchRemote } from '../kustomize/index.js';
import { EvenkeelError } from '../model/index.js';
import { normaliseUrl, type Ref, type Source } from '../source/index.js';

export interface RemoteBasesOptions {
  /** The repository of a URL, with the credentials that are known for it. Whoever opens it closes it. */
  open(url: string): Source | Promise<Source>;
  signal?: AbortSignal;
}

/**
 * Brings bases of kustomizations from other repositories, each pinned to one commit for the whole build.
 * Repositories of this machine are refused: what comes from Git must not read what is beside it.
 */
export function remoteBases({ open, signal }: RemoteBasesOptions): FetchRemote {
  return async ({ url, ref }) => {
    const { kind } = normaliseUrl(url);
    if (kind === 'local')
      throw new EvenkeelError('KUSTOMIZE_FORBIDDEN', `a kustomization may not use a repository of this machine: ${url}`, {
        where: { url },
        hint: 'Name the base by a relative path, or by an https:// or ssh URL.',
      });
    const source = await open(url);
    const revision = await fetchRef(source, ref, signal);
    return source.tree(revision);
  };
}

/** A name may be a tag, a branch or a commit, and is looked for in this order. */
async function fetchRef(source: Source, ref: string, signal: AbortSignal | undefined): Promise<string> {
  const attempts: Ref[] = ref === '' ? [{ head: true }] : [{ tag: ref }, { branch: ref }];
  if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref)) attempts.unshift({ commit: ref });
  else if (/^[0-9a-f]{7,}$/.test(ref)) attempts.push({ commit: ref });
  let first: unknown;
  for (const attempt of attempts) {
    try {
      return (await source.fetch(attempt, signal)).revision;
    } catch (error) {
      if (!(error instanceof EvenkeelError) || !notThere.has(error.code)) throw error;
      first ??= error;
    }
  }
  throw new EvenkeelError('KUSTOMIZE_NOT_FOUND', `${source.url} has no tag, branch or commit "${ref}"`, {
    where: { url: source.url },
    hint: 'Check what stands behind ?ref= in the kustomization.',
    cause: first,
  });
}

const notThere = new Set<string>(['SOURCE_TAG_MISSING', 'SOURCE_BRANCH_MISSING', 'SOURCE_COMMIT_MISSING']);
