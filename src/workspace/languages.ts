import { type Language, typescript } from '../tasks/index.js';
import type { ScriptHostOptions, WorkspaceScriptHost } from './scripts.js';

/** Its interpreter is read when the first script in Lua is. */
const lua: Language = { extensions: ['.lua'], loader: async () => (await import('../lua/index.js')).luaLoader };

/** The languages of scripts. */
export const languages: readonly Language[] = [typescript, lua];

/** What a script gets in this workspace. The modules of scripts are read when the first script needs them. */
export async function openScriptHost(options: ScriptHostOptions): Promise<WorkspaceScriptHost> {
  const { createScriptHost } = await import('./scripts.js');
  return createScriptHost(options);
}
