import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EvenkeelError } from '../model/index.js';
import { speaksOfDamage } from './failures.js';
import type { Git } from './git.js';
import { maintain } from './maintenance.js';
import type { Mirror } from './mirror.js';
import type { Objects } from './objects.js';
import { isFullHash } from './refs.js';
import { hashLength } from './remote.js';

export interface FetchContext {
  git: Git;
  mirror: Mirror;
  objects: Objects;
}

const fetchArgs = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance'];

/** Servers that hand out only what a ref names say it in one of these ways. */
const refusedHash =
  /not our ref|unadvertised object|couldn't find remote ref|no such remote ref|not valid object name|does not allow request/i;

/** Where branches and tags are kept when all of history was needed. */
const allRefs = ['+refs/heads/*:refs/evenkeel/all/heads/*', '+refs/tags/*:refs/evenkeel/all/tags/*'];

/**
 * Brings one commit into the mirror by the ref that names it.
 * @returns false where the ref has moved on, and the mirror has its new commit instead
 */
export function fetchRef(context: FetchContext, asked: { ref: string; revision: string }, signal?: AbortSignal): Promise<boolean> {
  return changing(context, { length: asked.revision.length, signal }, async () => {
    if (context.mirror.has(asked.revision)) return true;
    await fetchInto(context, ['--depth=1'], [asked.ref], signal);
    const type = await context.objects.type(asked.revision);
    if (type === undefined) return false;
    await keepCommit(context, asked.revision, { type, signal });
    return true;
  });
}

/** Brings a commit into the mirror by its full hash: by itself where the server allows, else with all of history. */
export function fetchCommit(context: FetchContext, revision: string, signal?: AbortSignal): Promise<void> {
  return changing(context, { length: revision.length, signal }, async () => {
    let type = await context.objects.type(revision);
    if (type === undefined) {
      try {
        await fetchInto(context, ['--depth=1'], [revision], signal);
      } catch (error) {
        if (!(error instanceof EvenkeelError) || !refusedHash.test(String(error.details['git']))) throw error;
        await fetchAll(context, signal);
      }
      type = await context.objects.type(revision);
    }
    if (type === undefined)
      throw new EvenkeelError(
        'SOURCE_COMMIT_MISSING',
        `${context.git.url.url} has no commit ${revision}, or none that a branch or tag reaches.`,
        {
          where: { url: context.git.url.url, revision, field: 'commit' },
          hint: 'Check the hash; a commit that was pushed away may be gone from the server.',
        },
      );
    await keepCommit(context, revision, { type, signal });
  });
}

/**
 * Finds the one commit that an abbreviated hash means among all that branches and tags reach.
 * @returns the full hash
 */
export async function fetchAbbreviated(context: FetchContext, prefix: string, signal?: AbortSignal): Promise<string> {
  const { git, mirror, objects } = context;
  const length = await hashLength(git, signal);
  return changing(context, { length, signal }, async () => {
    await fetchAll(context, signal);
    const output = await git.call({ args: ['rev-parse', `--disambiguate=${prefix}`], mirror: mirror.path, signal });
    const hashes = output.toString('latin1').split('\n').filter(isFullHash);
    const types = await Promise.all(hashes.map((hash) => objects.type(hash)));
    const commits = hashes.filter((_, i) => types[i] === 'commit');
    const where = { url: git.url.url, field: 'commit' };
    if (commits.length > 1)
      throw new EvenkeelError(
        'SOURCE_COMMIT_AMBIGUOUS',
        `"${prefix}" begins ${commits.length} commits of ${git.url.url}: ${commits.slice(0, 5).join(', ')}.`,
        {
          where,
          hint: 'Write more of the hash.',
          details: { commits: commits.slice(0, 100) },
        },
      );
    const only = commits[0];
    if (only === undefined)
      throw new EvenkeelError(
        'SOURCE_COMMIT_MISSING',
        `No commit of ${git.url.url} that a branch or tag reaches begins with "${prefix}".`,
        {
          where,
          hint: 'Check the hash; is it pushed?',
        },
      );
    await keepCommit(context, only, { type: 'commit', signal });
    return only;
  });
}

/** The commit that a tag object stands for, once it was fetched: for transports that do not say it beforehand. */
export function fetchTag(context: FetchContext, asked: { ref: string; hash: string }, signal?: AbortSignal): Promise<string> {
  const { git, mirror, objects } = context;
  return changing(context, { length: asked.hash.length, signal }, async () => {
    if ((await objects.type(asked.hash)) === undefined) await fetchInto(context, ['--depth=1'], [asked.ref], signal);
    const output = await git.call({ args: ['rev-parse', '--verify', '--end-of-options', `${asked.hash}^{}`], mirror: mirror.path, signal });
    const revision = output.toString('latin1').split('\n').find(isFullHash) ?? asked.hash;
    await keepCommit(context, revision, { type: await objects.type(revision), signal });
    return revision;
  });
}

async function keepCommit(
  { git, mirror }: FetchContext,
  revision: string,
  { type, signal }: { type?: string; signal?: AbortSignal },
): Promise<void> {
  if (type !== 'commit')
    throw new EvenkeelError('SOURCE_NOT_A_COMMIT', `${revision} of ${git.url.url} is a ${type ?? 'missing object'}, not a commit.`, {
      where: { url: git.url.url, revision },
      hint:
        type === 'tag'
          ? 'It is the hash of an annotated tag: name the tag, or the commit that it points to.'
          : 'Name a commit, a branch, or a tag of a commit.',
    });
  await mirror.keep(revision, signal);
}

async function fetchAll(context: FetchContext, signal?: AbortSignal): Promise<void> {
  const isShallow = existsSync(join(context.mirror.path, 'shallow'));
  await fetchInto(context, ['--prune', ...(isShallow ? ['--unshallow'] : [])], allRefs, signal);
}

async function fetchInto({ git, mirror }: FetchContext, flags: string[], refspecs: string[], signal?: AbortSignal): Promise<void> {
  await git.call({
    args: [...fetchArgs, ...flags, '--end-of-options', git.url.remote, ...refspecs],
    mirror: mirror.path,
    remote: true,
    signal,
  });
}

/**
 * A change to the mirror, under its lock. Where git says that the mirror itself is damaged, it is built anew
 * and the change is made once more.
 */
function changing<T>(
  context: FetchContext,
  { length, signal }: { length: number; signal?: AbortSignal },
  action: () => Promise<T>,
): Promise<T> {
  const { mirror, objects, git } = context;
  return mirror.locked(async () => {
    await mirror.ensure({ hashLength: length, signal });
    let done: T;
    try {
      done = await action();
    } catch (error) {
      if (!isDamage(error)) throw error;
      objects.restart();
      await mirror.ensure({ hashLength: length, rebuild: true, signal });
      done = await action();
    }
    await maintain({ git, mirror, objects });
    return done;
  }, signal);
}

function isDamage(error: unknown): boolean {
  if (!(error instanceof EvenkeelError)) return false;
  if (error.code === 'SOURCE_CACHE_BROKEN') return true;
  if (typeof error.details['git'] !== 'string') return false;
  const ours = error.details['git'].split('\n').filter((line) => !line.startsWith('remote:'));
  return speaksOfDamage(ours.join('\n'));
}
