import { EvenkeelError, formatDuration } from '../model/index.js';
import { runProcess } from '../process/index.js';
import type { CommandHooks, SyncEvent, SyncJournal } from './types.js';

/** Bytes of output that are kept of one command: its end says most. */
const keptOutput = 64 * 1024;
/** Bytes after which a command is ended. */
const maxOutput = 64 * 1024 * 1024;

export type CommandPhase = 'pre-sync' | 'post-sync';

interface CommandContext {
  hooks: CommandHooks;
  journal: SyncJournal;
  signal?: AbortSignal;
  onEvent?: (event: SyncEvent) => void;
}

/**
 * Runs the commands of one phase in order, each in a process group of its own; the first that fails ends it.
 * A command that an earlier process of this run has finished is not run again.
 * @throws EvenkeelError SYNC_COMMAND_FAILED with the last lines of what it printed
 */
export async function runCommands(phase: CommandPhase, context: CommandContext): Promise<void> {
  const { hooks, journal } = context;
  const commands = phase === 'pre-sync' ? hooks.pre : hooks.post;
  for (const [index, command] of commands.entries()) {
    const id = `${phase} ${index} ${command}`;
    const earlier = journal.state(id);
    if (earlier === 'succeeded') continue;
    await journal.note(id, 'started');
    await runCommand(phase, command, context, earlier === 'started');
    await journal.note(id, 'succeeded');
  }
}

async function runCommand(phase: CommandPhase, command: string, context: CommandContext, again: boolean): Promise<void> {
  const { hooks, journal, signal, onEvent } = context;
  const tell = (state: 'running' | 'succeeded' | 'failed', message = '') => onEvent?.({ type: 'command', phase, command, state, message });
  tell('running', again ? 'again: the process that ran it ended in the middle of it' : '');
  let tail = Buffer.alloc(0);
  const result = await runProcess({
    program: '/bin/sh',
    args: ['-c', command],
    cwd: hooks.directory,
    env: { ...hooks.env, EVENKEEL_PHASE: phase },
    timeoutMs: hooks.timeoutMs,
    maxOutput,
    signal,
    onOutput: (chunk) => {
      tail = Buffer.concat([tail, chunk]);
      if (tail.length > keptOutput) tail = tail.subarray(tail.length - keptOutput);
    },
  });
  const output = tail.toString('utf8');
  const why = {
    exited: result.exitCode === 0 ? '' : result.exitSignal === null ? `exit status ${result.exitCode}` : `ended by ${result.exitSignal}`,
    timeout: `not finished after ${formatDuration(hooks.timeoutMs)}`,
    overflow: 'it printed too much',
    aborted: 'it was stopped',
    failed: result.error?.message ?? 'it could not be started',
  }[result.outcome];
  await journal.output({ phase, command, output, status: why === '' ? 'succeeded' : 'failed', message: why });
  signal?.throwIfAborted();
  if (why === '') {
    tell('succeeded');
    return;
  }
  tell('failed', why);
  const last = output.trimEnd().split('\n').slice(-3).join(' | ');
  throw new EvenkeelError('SYNC_COMMAND_FAILED', `${phase} command "${command}" failed: ${why}${last === '' ? '' : ` (${last})`}`, {
    hint: 'Its whole output is kept with the run: evenkeel history --show RUN',
  });
}
