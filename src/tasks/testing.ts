import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunEvent } from './run/events.js';
import type { ScriptHost, TaskLog } from './types.js';

/** A folder with files, for tests. */
export function scriptFolder(files: { [path: string]: string } = {}): { path: string; file(name: string): string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'evenkeel-tasks-')));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, file: (name) => join(path, name), remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface TestHost extends ScriptHost {
  lines: string[];
}

export function testHost(more: Partial<ScriptHost> = {}): TestHost {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log: TaskLog = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  return {
    modules: {},
    log,
    env: { PATH: process.env['PATH'] ?? '' },
    signal: new AbortController().signal,
    purpose: 'run',
    ask: () => Promise.reject(new Error('nobody is here')),
    mask: () => undefined,
    ...more,
    lines,
  };
}

/** The lines of a task among events. */
export function linesOf(events: readonly RunEvent[], task?: string): string[] {
  return events.flatMap((event) => (event.type === 'log' && (task === undefined || event.task === task) ? [event.line] : []));
}
