import type { Workspace } from '../workspace/index.js';
import type { Terminal } from './output.js';

/** What every command gets: the world outside the process. */
export interface CommandContext {
  terminal: Terminal;
  env: { [name: string]: string | undefined };
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
  directory: string;
  /** Set while something goes on that has to come to its end although nobody reads what it prints. */
  goesOnUnread?: boolean;
}

export interface GlobalOptions {
  output?: 'text' | 'json';
  state?: string;
  config?: string;
}

/** Opens the workspace for one command and closes it afterwards, however the command ends. */
export async function withWorkspace<T>(
  context: CommandContext,
  options: GlobalOptions,
  body: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const { openWorkspace } = await import('../workspace/index.js');
  const workspace = await openWorkspace({
    directory: context.directory,
    state: options.state ?? context.env['EVENKEEL_STATE'],
    config: options.config,
    env: context.env,
    interactive: context.terminal.interactive,
  });
  try {
    return await body(workspace);
  } finally {
    await workspace.close();
  }
}
