import { statSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { EvenkeelError } from '../model/index.js';
import type { FetchContext } from './fetch.js';
import { fetchAbbreviated, fetchCommit, fetchRef, fetchTag } from './fetch.js';
import { openGit } from './git.js';
import { openTrees } from './gitTree.js';
import { openMirror } from './mirror.js';
import { openObjects } from './objects.js';
import type { Wanted } from './refs.js';
import { isFullHash, readRef } from './refs.js';
import { askRemote } from './remote.js';
import type { Resolved, Source, SourceOptions } from './types.js';

/** A branch that is pushed to between asking and fetching is asked for again, this often. */
const mostTries = 3;

/**
 * Opens a remote repository. Nothing is asked of it, and nothing written, before the first call.
 *
 *     const source = openSource({ url: 'company/k8s', cacheDirectory: '.evenkeel/git', environment: 'person' });
 *     const { revision } = await source.fetch({ branch: 'main' });
 *     const files = await source.tree(revision).walk('apps/web');
 *     await source.close();
 *
 * @throws EvenkeelError SOURCE_URL_INVALID, SOURCE_CREDENTIALS_INVALID
 */
export function openSource(options: SourceOptions): Source {
  const git = openGit(options);
  const mirror = openMirror(resolvePath(options.cacheDirectory), git);
  const objects = openObjects(git, mirror);
  const context: FetchContext = { git, mirror, objects };
  const trees = openTrees(context);

  function checkOpen(): void {
    const error = git.closedError();
    if (error !== undefined) throw error;
  }

  async function resolve(wanted: Wanted, signal?: AbortSignal): Promise<Resolved & { fetchBy: string }> {
    if (wanted.kind === 'commit')
      return { revision: wanted.full ? wanted.hash : await fetchAbbreviated(context, wanted.hash, signal), ref: '', fetchBy: '' };
    const { ref, hash, peeled } = await askRemote(git, wanted, signal);
    const revision = peeled || !isBundle() ? hash : await fetchTag(context, { ref, hash }, signal);
    return { revision, ref, fetchBy: wanted.kind === 'head' ? 'HEAD' : ref };
  }

  /** Bundle files are the one transport that does not say what commit a tag stands for. */
  function isBundle(): boolean {
    return git.url.kind === 'local' && statSync(git.url.remote, { throwIfNoEntry: false })?.isFile() === true;
  }

  return {
    url: git.url.url,
    async resolve(ref, signal) {
      checkOpen();
      const { revision, ref: name } = await resolve(readRef(ref), signal);
      return { revision, ref: name };
    },
    async fetch(ref, signal) {
      checkOpen();
      const wanted = readRef(ref);
      for (let tries = 0; tries < mostTries; tries++) {
        const { revision, ref: name, fetchBy } = await resolve(wanted, signal);
        if (mirror.has(revision)) mirror.touch(revision);
        else if (fetchBy === '') await fetchCommit(context, revision, signal);
        else if (!(await fetchRef(context, { ref: fetchBy, revision }, signal))) continue;
        return { revision, ref: name };
      }
      throw new EvenkeelError('SOURCE_TRANSFER_BROKEN', `${git.url.url} changes faster than it can be fetched.`, {
        where: { url: git.url.url },
        hint: 'Try again in a moment.',
      });
    },
    async commit(revision) {
      checkOpen();
      return trees.commit(checkRevision(revision));
    },
    tree(revision) {
      checkOpen();
      return trees.tree(checkRevision(revision));
    },
    async close() {
      // First, so that what it cuts off is known to be cut off by us.
      const closing = git.close();
      objects.close();
      await closing;
    },
  };
}

function checkRevision(revision: string): string {
  if (isFullHash(revision)) return revision;
  throw new EvenkeelError('SOURCE_REF_INVALID', 'A revision is a full commit hash.', {
    where: { field: 'revision' },
    hint: 'Use the revision that fetch returned.',
  });
}
