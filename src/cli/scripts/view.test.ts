import { describe, expect, test } from 'vitest';
import type { RunEvent, TaskResult } from '../../tasks/index.js';
import type { Terminal } from '../output.js';
import { liveView } from './live-view.js';
import { plainView } from './view.js';

/** A terminal of so many rows and columns, and what stands on it. */
function screen(rows = 10, columns = 60): Terminal & { lines(): string[] } {
  let lines: string[] = [''];
  let y = 0;
  const write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of a terminal
    for (const part of text.split(/(\u001b\[[0-9]*[A-Za-z]|\n|\r)/)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of a terminal
      const up = /^\u001b\[([0-9]+)A$/.exec(part);
      if (up) y = Math.max(0, y - Number(up[1]));
      else if (part === '\u001b[J') {
        lines = lines.slice(0, y + 1);
        lines[y] = '';
      } else if (part === '\n') {
        y++;
        lines[y] ??= '';
      } else if (part !== '\r' && part !== '') {
        if (part.length > columns) throw new Error(`a line is wider than the terminal: ${part}`);
        lines[y] += part;
      }
    }
  };
  return {
    live: true,
    color: false,
    columns,
    rows,
    interactive: false,
    out: (text) => write(`${text}\n`),
    err: (text) => write(`${text}\n`),
    raw: write,
    style: (_, text) => text,
    lines: () => lines.filter((line, i) => line !== '' || i < lines.length - 1),
  };
}

const result = (name: string, more: Partial<TaskResult> = {}): TaskResult => ({
  name,
  state: 'succeeded',
  success: true,
  attempts: 1,
  startedAt: 0,
  durationMs: 1_500,
  artifacts: [],
  ...more,
});
const started = (task: string, attempt = 1): RunEvent => ({ type: 'task-started', task, attempt, at: Date.now() });
const line = (task: string, text: string, level: 'stdout' | 'info' | 'debug' | 'warn' = 'stdout'): RunEvent => ({
  type: 'log',
  task,
  level,
  line: text,
  at: 0,
});
const finished = (one: TaskResult): RunEvent => ({ type: 'task-finished', task: one.name, result: one, at: 0 });
const begin = (...tasks: string[]): RunEvent => ({ type: 'started', runId: 'run-1', pipeline: 'release', tasks, at: 0 });
const failure = result('deploy', {
  state: 'failed',
  success: false,
  error: { code: 'TASK_FAILED', message: 'it broke', where: { file: '/d.ts', line: 3 }, hint: 'mend it' },
});

describe('the plain view', () => {
  test('has a line for every event', () => {
    const lines: string[] = [];
    const view = plainView({ terminal: screen(), print: (text) => lines.push(text), verbose: false });
    for (const event of [
      begin('build', 'deploy'),
      started('build'),
      line('build', 'compiling\u001b[2J'),
      line('build', 'for nobody', 'debug'),
      line('', 'from the top', 'warn'),
      { type: 'task-retrying', task: 'build', attempt: 2, inMs: 2_000, reason: 'no luck', at: 0 } as RunEvent,
      started('build', 2),
      finished(result('build', { attempts: 2, message: 'at last' })),
      finished(failure),
      finished(result('after', { state: 'blocked', startedAt: undefined, message: 'not run: deploy did not succeed' })),
      {
        type: 'hook-failed',
        hook: 'onComplete',
        task: '',
        error: { code: 'TASK_HOOK_FAILED', message: 'the hook onComplete failed: x' },
        at: 0,
      } as RunEvent,
    ])
      view.onEvent(event);
    view.end();
    expect(lines).toEqual([
      'release 2 tasks, run run-1',
      '▶ build',
      '  build │ compiling\\u001b[2J',
      'from the top',
      '↻ build: no luck; attempt 2 in 2.0s',
      '✓ build 1.5s (attempt 2) at last',
      '✗ deploy 1.5s it broke [TASK_FAILED]',
      '    at /d.ts:3',
      '    → mend it',
      '⊘ after not run: deploy did not succeed',
      '! the hook onComplete failed: x [TASK_HOOK_FAILED]',
    ]);
  });
});

describe('the live view', () => {
  test('shows what runs below what has ended, and takes it away', () => {
    const terminal = screen();
    const view = liveView({ terminal, verbose: false });
    view.onEvent(begin('build', 'deploy'));
    view.onEvent(started('build'));
    view.onEvent(line('build', 'x'.repeat(200)));
    view.onEvent(line('build', 'step 2'));
    view.onEvent(line('build', 'to read', 'info'));
    expect(terminal.lines()[0]).toBe('release 2 tasks, run run-1');
    expect(terminal.lines()[1]).toBe('  build │ to read');
    expect(terminal.lines()[2]).toMatch(/build 0\.0s$/);
    expect(terminal.lines().slice(3)).toEqual(['    step 2', expect.stringContaining('0/2')]);
    view.onEvent(finished(result('build')));
    expect(terminal.lines().slice(2)).toEqual(['✓ build 1.5s', expect.stringContaining('1/2')]);
    view.onEvent(started('deploy'));
    view.onEvent(line('deploy', 'last words'));
    view.onEvent(finished(failure));
    view.end();
    expect(terminal.lines().slice(2)).toEqual([
      '✓ build 1.5s',
      '  deploy │ last words',
      '✗ deploy 1.5s it broke [TASK_FAILED]',
      '    at /d.ts:3',
      '    → mend it',
    ]);
  });

  test('keeps within the terminal, however much runs', () => {
    const terminal = screen(8, 40);
    const view = liveView({ terminal, verbose: false });
    const names = Array.from({ length: 50 }, (_, i) => `task-with-a-long-name-that-goes-on-and-on-${i}`);
    view.onEvent(begin(...names));
    for (const name of names) view.onEvent(started(name));
    for (const name of names) view.onEvent(line(name, 'y'.repeat(500)));
    expect(terminal.lines().length).toBeLessThanOrEqual(8);
    expect(terminal.lines().join('\n')).toContain('and 48 more');
    view.end();
    expect(terminal.lines()).toHaveLength(1);
  });

  test('makes room for a question', () => {
    const terminal = screen();
    const view = liveView({ terminal, verbose: false });
    view.onEvent(begin('gate'));
    view.onEvent(started('gate'));
    const resume = view.pause();
    terminal.raw('Deploy? ');
    expect(terminal.lines()).toEqual(['release 1 task, run run-1', 'Deploy? ']);
    terminal.raw('\n');
    resume();
    expect(terminal.lines().at(-1)).toContain('0/1');
    view.end();
  });
});
