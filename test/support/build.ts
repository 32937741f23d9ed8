import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The command that tests run is built from the source that they test. */
export function setup(): void {
  const root = join(import.meta.dirname, '../..');
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), '--quiet'], { cwd: root, stdio: 'inherit' });
}
