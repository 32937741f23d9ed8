import { EvenkeelError } from '../model/index.js';
import type { CommandContext } from './context.js';
import { processTerminal } from './output.js';
import { buildProgram } from './program.js';
import { exit, reportError } from './report.js';

/**
 * Runs one command line.
 * @returns the exit status: 0 done, 1 failed, 2 changes found, 64 wrong usage, 130 interrupted
 */
export async function runCli(args: readonly string[], host: NodeJS.Process): Promise<number> {
  const terminal = processTerminal(host.env);
  // A script may not end the process; we may.
  const leave = host.exit.bind(host);
  const abort = new AbortController();
  let interrupts = 0;
  const interrupt = () => {
    interrupts++;
    // The first asks to stop cleanly; a person who presses again wants out.
    if (interrupts > 1) leave(exit.interrupted);
    abort.abort(new EvenkeelError('CANCELLED', 'interrupted'));
  };
  host.on('SIGINT', interrupt);
  host.on('SIGTERM', interrupt);
  // A reader that went away (| head) ends the output, not the program with a stack.
  const onOutputError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    if (context.goesOnUnread !== true) leave(exit.done);
  };
  host.stdout.on('error', onOutputError);
  host.stderr.on('error', onOutputError);
  const context: CommandContext = { terminal, env: host.env, signal: abort.signal, directory: host.cwd() };
  const program = buildProgram(context);
  try {
    return await program.run(args);
  } catch (error) {
    return reportError(error, terminal, program.wantsJson());
  } finally {
    host.off('SIGINT', interrupt);
    host.off('SIGTERM', interrupt);
  }
}
