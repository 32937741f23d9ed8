import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EvenkeelError, sha256, systemRandom } from '../model/index.js';
import type { Git } from './git.js';
import { withLock } from './lock.js';

/**
 * The bare repository that holds what was fetched of one URL.
 *
 * Each fetched revision has a ref of its own, `refs/evenkeel/commits/<hash>` (named by hash, so that a branch
 * `a` that becomes `a/b` upstream is no trouble), and a marker file whose time says when it was last used.
 */
export interface Mirror {
  readonly path: string;
  /** Whether a revision was fetched completely. */
  has(revision: string): boolean;
  /** Notes that a revision is in use, so that it is dropped after others. */
  touch(revision: string): void;
  /** Keeps a revision whose objects are there. Under the lock only. */
  keep(revision: string, signal?: AbortSignal): Promise<void>;
  /** Forgets revisions; their objects go when it is packed anew. Under the lock only. */
  drop(revisions: readonly string[]): Promise<void>;
  /** Kept revisions, last used first. */
  revisions(): string[];
  /** The next fetch will build it anew. */
  markBroken(): void;
  /** Makes it, or makes it anew where it is damaged. Under the lock only. */
  ensure(options: { hashLength: number; rebuild?: boolean; signal?: AbortSignal }): Promise<void>;
  /** One writer at a time, over all processes. */
  locked<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function openMirror(cacheDirectory: string, git: Git): Mirror {
  const { url } = git.url;
  const slug = /([A-Za-z0-9._-]{1,40})$/.exec(url.replace(/\.(?:git|bundle)$/, ''))?.[1]?.replace(/^[.-]+/, '') ?? '';
  const path = join(cacheDirectory, `${slug === '' ? 'mirror' : slug}-${sha256(url).slice(0, 20)}.git`);
  const own = join(path, 'evenkeel');
  const markers = join(own, 'revisions');
  const broken = join(own, 'broken');

  const has = (revision: string) => existsSync(join(markers, revision)) && !existsSync(broken);

  function isHealthy(hashLength: number): boolean {
    if (existsSync(broken) || !['HEAD', 'config', 'objects', 'refs', 'evenkeel/revisions'].every((name) => existsSync(join(path, name))))
      return false;
    const config = readFileSync(join(path, 'config'), 'utf8');
    return config.includes('[core]') && /objectformat\s*=\s*sha256/i.test(config) === (hashLength === 64);
  }

  function touch(revision: string): void {
    try {
      const now = new Date();
      utimesSync(join(markers, revision), now, now);
    } catch {
      // Not kept, or not ours to write: it is only the order of dropping.
    }
  }

  async function build(hashLength: number, signal?: AbortSignal): Promise<void> {
    const fresh = `${path}.new-${Buffer.from(systemRandom(6)).toString('hex')}`;
    try {
      await git.call({
        args: ['init', '--quiet', '--bare', '--template=', `--object-format=${hashLength === 64 ? 'sha256' : 'sha1'}`],
        mirror: fresh,
        signal,
      });
      mkdirSync(join(fresh, 'evenkeel', 'revisions'), { recursive: true });
      writeFileSync(join(fresh, 'evenkeel', 'url'), `${url}\n`);
      rmSync(path, { recursive: true, force: true });
      renameSync(fresh, path);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw error instanceof EvenkeelError ? error : unusable(error);
    }
  }

  return {
    path,
    has,
    touch,
    async keep(revision, signal) {
      await git.call({ args: ['update-ref', '--end-of-options', `refs/evenkeel/commits/${revision}`, revision], mirror: path, signal });
      try {
        writeFileSync(join(markers, revision), '');
      } catch (error) {
        throw unusable(error);
      }
      touch(revision);
    },
    async drop(revisions) {
      for (const revision of revisions) rmSync(join(markers, revision), { force: true });
      await deleteRefs(
        git,
        path,
        revisions.map((revision) => `refs/evenkeel/commits/${revision}`),
      );
    },
    revisions() {
      return byLastUse(markers);
    },
    markBroken() {
      try {
        writeFileSync(broken, '');
      } catch {
        // Gone altogether, which is found out as well.
      }
    },
    async ensure({ hashLength, rebuild = false, signal }) {
      if (rebuild || !isHealthy(hashLength)) await build(hashLength, signal);
      else clearLeftovers(path);
    },
    async locked(action, signal) {
      try {
        mkdirSync(cacheDirectory, { recursive: true });
      } catch (error) {
        throw unusable(error);
      }
      return withLock({ path: `${path}.lock`, waitMs: git.timeoutMs * 3, signal }, action);
    },
  };
}

/** What a killed git leaves: under our lock no other git writes here, so every lock and temporary file is dead. */
function clearLeftovers(path: string): void {
  for (const name of ['shallow.lock', 'packed-refs.lock', 'HEAD.lock', 'config.lock']) rmSync(join(path, name), { force: true });
  const packs = join(path, 'objects', 'pack');
  for (const name of listed(packs)) if (/^tmp_|\.temp$|^\.tmp-/.test(name)) rmSync(join(packs, name), { force: true });
  for (const name of listed(join(path, 'objects')))
    if (/^(?:tmp_obj|incoming-|tmp_objdir)/.test(name)) rmSync(join(path, 'objects', name), { recursive: true, force: true });
  const commits = join(path, 'refs', 'evenkeel', 'commits');
  for (const name of listed(commits)) if (name.endsWith('.lock')) rmSync(join(commits, name), { force: true });
}

export async function deleteRefs(git: Git, mirror: string, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return;
  await git.call({ args: ['update-ref', '--stdin'], input: refs.map((ref) => `delete ${ref}\n`).join(''), mirror });
}

export function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function byLastUse(markers: string): string[] {
  const used = listed(markers).map((revision) => {
    try {
      return { revision, at: statSync(join(markers, revision)).mtimeMs };
    } catch {
      return { revision, at: 0 };
    }
  });
  return used.sort((a, b) => b.at - a.at).map((each) => each.revision);
}

function unusable(cause: unknown): EvenkeelError {
  return new EvenkeelError('SOURCE_CACHE_UNUSABLE', `The folder of the mirrors cannot be written: ${(cause as Error).message}`, {
    hint: 'Let this user write the folder of the mirrors, make room there, or choose another.',
    cause,
  });
}
