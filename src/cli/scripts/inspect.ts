import { EvenkeelError } from '../../model/index.js';
import type { CommandContext, GlobalOptions } from '../context.js';
import { type Session, withScript } from './session.js';
import { logLine } from './view.js';

/** Runs the top level of a script only to look at what it declares. What it says goes to standard error. */
export function inspectScript<T>(
  context: CommandContext,
  options: GlobalOptions & { file: string },
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const { terminal } = context;
  return withScript(
    context,
    options,
    {
      purpose: 'inspect',
      params: { values: {}, texts: new Set() },
      onLine: (level, line) => {
        if (level !== 'debug') terminal.err(logLine({ type: 'log', task: '', level, line, at: 0 }, terminal));
      },
      ask: () => {
        throw new EvenkeelError('SCRIPT_TOP_LEVEL', 'the script asks a question outside of its tasks; it is only looked at now', {
          hint: 'Ask in a task.',
        });
      },
    },
    body,
  );
}
