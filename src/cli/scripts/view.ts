import { describeWhere, formatDuration, printable } from '../../model/index.js';
import type { LogEvent, RunEvent, TaskError, TaskResult } from '../../tasks/index.js';
import { oneLine, type Style, type Terminal } from '../output.js';

/** Shows a run while it goes on. */
export interface RunView {
  onEvent(event: RunEvent): void;
  /** Makes room for a question. @returns what puts the view back */
  pause(): () => void;
  end(): void;
}

export interface ViewOptions {
  terminal: Terminal;
  /** Writes a line that stays. */
  print(text: string): void;
  /** Also lines of the level debug. */
  verbose: boolean;
}

/** Every event as a line that stays. */
export function plainView(options: ViewOptions): RunView {
  return {
    onEvent(event) {
      for (const text of eventLines(event, options)) options.print(text);
    },
    pause: () => () => undefined,
    end: () => undefined,
  };
}

const marks: { [state: string]: { sign: string; style: Style } } = {
  succeeded: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  skipped: { sign: '-', style: 'dim' },
  blocked: { sign: '⊘', style: 'yellow' },
  cancelled: { sign: '■', style: 'yellow' },
  kept: { sign: '=', style: 'green' },
};

const levelStyles: { [level: string]: Style } = { debug: 'dim', progress: 'dim', warn: 'yellow', error: 'red' };

/** The lines by which an event is shown; none for one that says nothing to a person. */
export function eventLines(event: RunEvent, { terminal, verbose }: Pick<ViewOptions, 'terminal' | 'verbose'>): string[] {
  switch (event.type) {
    case 'started':
      return [
        `${terminal.style('bold', oneLine(event.pipeline))} ${terminal.style('dim', `${event.tasks.length} ${event.tasks.length === 1 ? 'task' : 'tasks'}, run ${event.runId}`)}`,
      ];
    case 'task-started':
      return event.attempt > 1 ? [] : [`${terminal.style('cyan', '▶')} ${oneLine(event.task)}`];
    case 'task-retrying':
      return [
        `${terminal.style('yellow', '↻')} ${oneLine(event.task)}: ${oneLine(event.reason)}; attempt ${event.attempt}${event.inMs === 0 ? '' : ` in ${formatDuration(event.inMs)}`}`,
      ];
    case 'task-finished':
      return finishedLines(event.result, terminal);
    case 'hook-failed':
      return errorText(event.error, terminal).map((text, i) =>
        i === 0 ? `${terminal.style('red', '!')} ${event.task === '' ? '' : `${oneLine(event.task)}: `}${text}` : text,
      );
    case 'stray':
      return errorText(event.error, terminal).map((text, i) => (i === 0 ? `${terminal.style('red', '!')} ${text}` : text));
    case 'log':
      return event.level === 'debug' && !verbose ? [] : [logLine(event, terminal)];
    case 'finished':
      return [];
  }
}

export function logLine({ task, level, line }: LogEvent, terminal: Terminal): string {
  const text = printable(line);
  const style = levelStyles[level];
  const shown = style === undefined ? text : terminal.style(style, text);
  return task === '' ? shown : `  ${terminal.style('dim', `${oneLine(task)} │`)} ${shown}`.trimEnd();
}

function finishedLines(result: TaskResult, terminal: Terminal): string[] {
  const { sign, style } = marks[result.state] ?? { sign: '?', style: 'dim' };
  const took = result.startedAt === undefined ? '' : ` ${terminal.style('dim', formatDuration(result.durationMs))}`;
  const attempts = result.attempts > 1 ? terminal.style('dim', ` (attempt ${result.attempts})`) : '';
  const head = `${terminal.style(style, sign)} ${oneLine(result.name)}${took}${attempts}`;
  if (result.error === undefined || result.state === 'cancelled') {
    const message =
      result.message === undefined
        ? ''
        : ` ${result.state === 'succeeded' ? oneLine(result.message) : terminal.style('dim', oneLine(result.message))}`;
    return [`${head}${message}`];
  }
  const [first = '', ...rest] = errorText(result.error, terminal);
  return [`${head} ${first}`, ...rest];
}

/** An error as lines: what, where, what to do next. */
function errorText(error: TaskError, terminal: Terminal): string[] {
  const where = describeWhere(error.where ?? {});
  return [
    `${terminal.style('red', oneLine(error.message))} ${terminal.style('dim', `[${error.code}]`)}`,
    ...(where === '' ? [] : [`    at ${printable(where)}`]),
    ...(error.hint === undefined ? [] : [`    ${terminal.style('cyan', '→')} ${printable(error.hint)}`]),
  ];
}
