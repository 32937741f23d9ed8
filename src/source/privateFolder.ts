import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvenkeelError, sha256 } from '../model/index.js';
import { onExit } from '../process/index.js';

export interface PrivateFolder {
  path: string;
  /** Writes (or replaces) a file that only we may read. */
  write(name: string, contents: string, mode?: number): string;
  remove(): void;
}

/**
 * A new folder that only this user may enter; gone after `remove` or when the process exits. Those that a
 * killed process of this machine left behind are cleared away first.
 */
export function privateFolder(parent = tmpdir()): PrivateFolder {
  const prefix = `evenkeel-git-${sha256(hostname()).slice(0, 6)}-`;
  sweep(parent, prefix);
  let path: string;
  try {
    path = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
    mkdirSync(join(path, 'home'), { mode: 0o700 });
  } catch (cause) {
    throw new EvenkeelError('SOURCE_CACHE_UNUSABLE', `The folder for temporary files, ${parent}, cannot be written.`, {
      where: { file: parent },
      hint: 'Set TMPDIR to a folder that can be written.',
      cause,
    });
  }
  const removeNow = () => rmSync(path, { recursive: true, force: true });
  const forget = onExit(removeNow);
  return {
    path,
    write(name, contents, mode = 0o600) {
      const file = join(path, name);
      rmSync(file, { force: true });
      writeFileSync(file, contents, { mode, flag: 'wx' });
      return file;
    },
    remove() {
      forget();
      removeNow();
    },
  };
}

function sweep(parent: string, prefix: string): void {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = name.startsWith(prefix) ? /^([0-9]+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid), join(parent, name))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Somebody else's: not ours to remove.
    }
  }
}

function isAlive(pid: number, folder: string): boolean {
  try {
    // A folder of our own id that is older than we are belongs to a dead process whose id we were given.
    if (pid === process.pid) return statSync(folder).mtimeMs >= Date.now() - process.uptime() * 1000 - 1000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
