import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { EvenkeelError, nearest } from '../../model/index.js';
import { checkPipeline } from '../dsl/check.js';
import type { LoadedScript, PipelineDefinition, ScriptHost, ScriptLoader } from '../types.js';

/** A language, by the endings of its files; its loader is read when a script needs it. */
export interface Language {
  extensions: readonly string[];
  loader(): Promise<ScriptLoader>;
}

export const typescript: Language = {
  extensions: ['.ts', '.mts', '.js', '.mjs'],
  loader: async () => (await import('./typescript.js')).typescriptLoader,
};

/**
 * Runs the top level of a script in whichever language it is.
 * @throws EvenkeelError SCRIPT_NOT_FOUND, SCRIPT_LANGUAGE, SCRIPT_SYNTAX, SCRIPT_FAILED, TASK_INVALID, TASK_DUPLICATE
 */
export async function loadScript(file: string, host: ScriptHost, languages: readonly Language[]): Promise<LoadedScript> {
  const path = resolve(file);
  const extension = extname(path).toLowerCase();
  const language = languages.find((one) => one.extensions.includes(extension));
  const known = languages.flatMap((one) => one.extensions);
  try {
    const found = await stat(path);
    if (!found.isFile())
      throw new EvenkeelError('SCRIPT_NOT_FOUND', found.isDirectory() ? 'it is a folder, not a script' : 'it is no file', {
        where: { file: path },
      });
  } catch (error) {
    if (error instanceof EvenkeelError) throw error;
    const near = await beside(path, known);
    throw new EvenkeelError('SCRIPT_NOT_FOUND', 'there is no such script', {
      where: { file: path },
      hint: near === undefined ? 'Is the path relative to the folder that you are in?' : `Did you mean ${near}?`,
      cause: error,
    });
  }
  if (language === undefined) {
    const near = extension === '' ? undefined : nearest(extension, known);
    throw new EvenkeelError('SCRIPT_LANGUAGE', `${basename(path)} is no script: it does not end in ${known.join(', ')}`, {
      where: { file: path },
      hint: near === undefined ? undefined : `Did you mean ${basename(path, extname(path))}${near}?`,
    });
  }
  return (await language.loader()).load(path, host);
}

/** The script in the folder of one that is missing that was most likely meant. */
async function beside(path: string, extensions: readonly string[]): Promise<string | undefined> {
  try {
    const names = (await readdir(dirname(path))).filter((name) => extensions.includes(extname(name).toLowerCase()));
    const near = nearest(basename(path), names.slice(0, 1_000));
    return near === undefined ? undefined : join(dirname(path), near);
  } catch {
    return undefined;
  }
}

/**
 * All pipelines of a script. Tasks that none of them names are a pipeline of their own, called like the script.
 * @throws EvenkeelError TASK_INVALID, TASK_DUPLICATE
 */
export function pipelinesOf(script: LoadedScript, file: string): PipelineDefinition[] {
  if (script.tasks.length === 0) return script.pipelines;
  const name = basename(file, extname(file));
  const taken = new Set(script.pipelines.map((pipeline) => pipeline.name));
  const own = checkPipeline({ name: taken.has(name) ? `${name} (other tasks)` : name, tasks: script.tasks, source: { file } });
  return [...script.pipelines, own];
}
