import { createInterface } from 'node:readline/promises';
import { count, EvenkeelError } from '../../model/index.js';
import { oneLine, type Terminal } from '../output.js';

export interface QuestionOptions {
  /** Answers in their order, from the command line. */
  answers: readonly string[];
  /** Answer "y" to all that the answers leave. */
  yes: boolean;
  signal: AbortSignal;
  /** Something on the screen makes room for a question. @returns what puts it back */
  pause(): () => void;
  /** Shows a question that the command line answered. */
  onAnswered(question: string, answer: string): void;
}

/** Asks the person at the terminal, one question at a time; elsewhere the command line has the answers. */
export function questions(terminal: Terminal, options: QuestionOptions): (question: string) => Promise<string> {
  const answers = [...options.answers];
  let last: Promise<unknown> = Promise.resolve();
  let asked = 0;
  const ask = async (question: string): Promise<string> => {
    asked++;
    const given = answers.shift() ?? (options.yes ? 'y' : undefined);
    if (given !== undefined) {
      options.onAnswered(question, given);
      return given;
    }
    if (!terminal.interactive)
      throw new EvenkeelError(
        'PROMPT_UNANSWERED',
        `the script asks${question === '' ? ' for a line' : `: ${oneLine(question)}`}, and nobody can be asked without a terminal`,
        {
          hint:
            options.answers.length === 0
              ? 'Answer it with --answer TEXT, once for each question in their order, or with --yes.'
              : `This is question ${asked}, and there ${options.answers.length === 1 ? 'is' : 'are'} ${count(options.answers.length, '--answer', '--answer')}: add one.`,
        },
      );
    const resume = options.pause();
    const lines = createInterface({ input: process.stdin, output: { ...process.stdout, write: terminal.raw } as never, terminal: false });
    try {
      terminal.raw(question === '' ? '> ' : `${oneLine(question)} `);
      return await lines.question('', { signal: options.signal });
    } catch (error) {
      throw options.signal.aborted ? new EvenkeelError('CANCELLED', 'interrupted', { cause: error }) : error;
    } finally {
      lines.close();
      resume();
    }
  };
  return (question) => {
    const turn = last.then(() => ask(question));
    last = turn.catch(() => undefined);
    return turn;
  };
}
