import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../model/index.js';

/** The folder of a task's artifacts below that of its run. Names that are no file names are told apart by a hash. */
export function taskFolder(runFolder: string, task: string): string {
  const plain = task.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 80);
  return join(runFolder, plain === task && !/^\.+$/.test(task) ? task : `${plain.replace(/^\.+/, '_')}-${sha256(task).slice(0, 8)}`);
}

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
