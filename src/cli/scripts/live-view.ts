import { formatDuration, printable } from '../../model/index.js';
import type { LogEvent, RunEvent } from '../../tasks/index.js';
import { bar, cut } from '../live-line.js';
import { oneLine } from '../output.js';
import { eventLines, logLine, type RunView, type ViewOptions } from './view.js';

const FRAME_MS = 100;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Lines of a failed command's output that are shown with its failure. */
const TAIL = 20;
const MOST_RUNNING = 12;

interface Running {
  since: number;
  attempt: number;
  /** Lines of its commands that are not shown yet; the last ones. */
  tail: LogEvent[];
}

/**
 * For a terminal: what has ended and what scripts say stays; below it a region that is written over shows what runs,
 * for how long, and the last line of its commands.
 */
export function liveView({ terminal, verbose }: Pick<ViewOptions, 'terminal' | 'verbose'>): RunView {
  const running = new Map<string, Running>();
  let total = 0;
  let done = 0;
  let drawn = 0;
  let paused = false;
  let frame = 0;

  const clear = () => {
    if (drawn > 0) terminal.raw(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const region = (): string[] => {
    if (total === 0 || done >= total) return [];
    const now = Date.now();
    const most = Math.max(1, Math.min(MOST_RUNNING, Math.floor((terminal.rows - 3) / 2)));
    const lines: string[] = [];
    for (const [name, { since, attempt, tail }] of [...running].slice(0, most)) {
      const again = attempt > 1 ? terminal.style('yellow', ` attempt ${attempt}`) : '';
      lines.push(
        `${terminal.style('cyan', spinner[frame % spinner.length] ?? '')} ${oneLine(name)}${again} ${terminal.style('dim', formatDuration(now - since))}`,
      );
      const last = tail.at(-1);
      if (last !== undefined && last.line.trim() !== '') lines.push(terminal.style('dim', `    ${printable(last.line).trim()}`));
    }
    if (running.size > most) lines.push(terminal.style('dim', `  and ${running.size - most} more`));
    lines.push(terminal.style('dim', `  ${bar(done, total)}`));
    return lines;
  };
  const draw = () => {
    if (paused) return;
    const lines = region();
    clear();
    if (lines.length === 0) return;
    terminal.raw(lines.map((line) => `${cut(line, terminal.columns - 1)}\n`).join(''));
    drawn = lines.length;
  };
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return;
    clear();
    for (const line of lines) terminal.out(line);
    draw();
  };
  const timer = setInterval(() => {
    frame++;
    if (running.size > 0) draw();
  }, FRAME_MS);
  timer.unref();

  const take = (event: RunEvent): string[] => {
    switch (event.type) {
      case 'started':
        total = event.tasks.length;
        return eventLines(event, { terminal, verbose });
      case 'task-started':
        running.set(event.task, { since: running.get(event.task)?.since ?? event.at, attempt: event.attempt, tail: [] });
        return [];
      case 'log': {
        const task = running.get(event.task);
        const isOutput = event.level === 'stdout' || event.level === 'stderr' || event.level === 'progress';
        if (task === undefined || !isOutput || verbose) return eventLines(event, { terminal, verbose });
        task.tail.push(event);
        if (task.tail.length > TAIL) task.tail.shift();
        return [];
      }
      case 'task-finished': {
        done++;
        const tail = running.get(event.task)?.tail ?? [];
        running.delete(event.task);
        const failed = event.result.state === 'failed';
        return [...(failed ? tail.map((line) => logLine(line, terminal)) : []), ...eventLines(event, { terminal, verbose })];
      }
      default:
        return eventLines(event, { terminal, verbose });
    }
  };

  return {
    onEvent(event) {
      const lines = take(event);
      if (lines.length > 0) print(lines);
      else if (event.type === 'task-started') draw();
    },
    pause() {
      clear();
      paused = true;
      return () => {
        paused = false;
        draw();
      };
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}
