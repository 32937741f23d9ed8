import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EvenkeelError, isAbort, newId } from '../../model/index.js';
import { createDsl } from '../dsl/build.js';
import { settleOrAbort } from '../run/abort.js';
import { describeThrown } from '../run/outcome.js';
import { withScope } from '../run/scope.js';
import type { LoadedScript, ScriptHost, ScriptLoader } from '../types.js';
import { bundleScript } from './bundle.js';
import { ownPackage } from './package.js';
import { sourcePlaces } from './places.js';

/** Where a bundle finds what its script is given: it runs as a module of its own, outside of ours. */
const scripts = Symbol.for('evenkeel.scripts');
const PATIENCE_MS = 500;

/** TypeScript and JavaScript. */
export const typescriptLoader: ScriptLoader = { extensions: ['.ts', '.mts', '.js', '.mjs'], load };

async function load(file: string, host: ScriptHost): Promise<LoadedScript> {
  const key = newId('script', Date.now());
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-script-'));
  const outfile = join(folder, 'script.mjs');
  const given = givenTo();
  try {
    const { code, map, warnings } = await bundleScript({ file, outfile, key, given: ['task', 'workflow'], own: ownPackage() });
    for (const warning of warnings) host.log.warn(warning);
    const place = sourcePlaces(outfile, map);
    const dsl = createDsl(() => place(stackHere()));
    given.set(key, { task: dsl.task, workflow: dsl.workflow });
    await writeFile(outfile, code, { mode: 0o600, flag: 'wx' });
    const placeOf = (thrown: unknown) => place(thrown instanceof Error ? thrown.stack : undefined);
    try {
      const run = () => import(pathToFileURL(outfile).href) as Promise<unknown>;
      const top = withScope({ log: host.log }, () => (host.enter === undefined ? run() : host.enter(undefined, run)));
      await settleOrAbort(top, host.signal, PATIENCE_MS);
    } catch (thrown) {
      throw topLevelError(thrown, file, placeOf);
    }
    return { ...dsl.declared(), placeOf, close: async () => undefined };
  } finally {
    given.delete(key);
    await rm(folder, { recursive: true, force: true });
  }
}

function givenTo(): Map<string, object> {
  const world = globalThis as { [scripts]?: Map<string, object> };
  world[scripts] ??= new Map();
  return world[scripts];
}

function stackHere(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const { stack } = new Error('here');
  Error.stackTraceLimit = limit;
  return stack;
}

function topLevelError(thrown: unknown, file: string, placeOf: (thrown: unknown) => object | undefined): EvenkeelError {
  if (isAbort(thrown)) return describeThrown(thrown);
  const error = describeThrown(thrown);
  const where = error.where.file === undefined ? { ...(placeOf(thrown) ?? { file }), ...error.where } : error.where;
  const ours = error.code !== 'TASK_FAILED';
  return new EvenkeelError(ours ? error.code : 'SCRIPT_FAILED', ours ? error.message : `the script failed: ${error.message}`, {
    where,
    hint: error.hint,
    details: error.details,
    cause: thrown,
  });
}
