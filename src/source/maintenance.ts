import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Git } from './git.js';
import type { Mirror } from './mirror.js';
import { deleteRefs, listed } from './mirror.js';
import type { Objects } from './objects.js';

/** Every fetch adds a pack; with more than this many they are put together. */
const mostPacks = 40;
/** Revisions that survive, those used last. */
const mostRevisions = 64;
/** A revision that was used more recently is never dropped: a render may be reading it. */
const safeMs = 60 * 60 * 1000;

/**
 * Keeps a mirror from growing without end: once there are more than 40 packs, drops revisions beyond the 64
 * used last (none that was used within the hour), history that was fetched to find a commit, and every object
 * that nothing refers to any more. Under the mirror's lock. A failure is left for the next time: the fetch
 * that it follows has succeeded.
 */
export async function maintain({ git, mirror, objects }: { git: Git; mirror: Mirror; objects: Objects }): Promise<void> {
  const packs = listed(join(mirror.path, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
  if (packs.length <= mostPacks) return;
  try {
    const old = mirror.revisions().slice(mostRevisions);
    await mirror.drop(old.filter((each) => Date.now() - statSync(join(mirror.path, 'evenkeel', 'revisions', each)).mtimeMs > safeMs));
    const history = await git.call({ args: ['for-each-ref', '--format=%(refname)', 'refs/evenkeel/all/'], mirror: mirror.path });
    await deleteRefs(
      git,
      mirror.path,
      history
        .toString('utf8')
        .split('\n')
        .filter((ref) => ref !== ''),
    );
    await git.call({ args: ['repack', '-a', '-d', '-q'], mirror: mirror.path });
    await git.call({ args: ['prune', '--expire=now'], mirror: mirror.path });
    objects.restart();
  } catch {
    // The packs stay as they are and the next fetch tries again.
  }
}
