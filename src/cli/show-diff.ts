import { type Change, type Conflict, type Diff, summaryLine, unifiedText } from '../compare/index.js';
import { describeWhere, printable } from '../model/index.js';
import { oneLine, type Terminal } from './output.js';

export interface ShowDiffOptions {
  /** Show created and deleted objects whole, too. */
  full: boolean;
}

/** A diff for people: a heading and a unified diff a change, then conflicts, decisions, warnings, and one line of summary. */
export function showDiff(diff: Diff, terminal: Terminal, options: ShowDiffOptions): void {
  for (const change of diff.changes) showChange(change, terminal, options);
  if (diff.hooks.length > 0) {
    terminal.out(terminal.style('bold', 'Hooks'));
    for (const hook of diff.hooks)
      terminal.out(
        `  ${hook.phase}, wave ${hook.wave}: ${oneLine(hook.resource)}${hook.namespace === '' ? '' : ` in ${oneLine(hook.namespace)}`}`,
      );
    terminal.out('');
  }
  if (diff.conflicts.length > 0) {
    terminal.out(terminal.style(['red', 'bold'], 'Conflicts'));
    for (const conflict of diff.conflicts) showConflict(conflict, terminal);
    terminal.out('');
  }
  if (diff.resolutions.length > 0) {
    terminal.out(terminal.style('bold', 'Decided by rule'));
    for (const conflict of diff.resolutions)
      terminal.out(`  ${oneLine(conflict.resource)}${place(conflict)}: ${oneLine(conflict.description)}`);
    terminal.out('');
  }
  if (diff.warnings.length > 0) {
    terminal.out(terminal.style(['yellow', 'bold'], 'Warnings'));
    for (const warning of diff.warnings) terminal.out(`  ${terminal.style('yellow', '!')} ${oneLine(warning)}`);
    terminal.out('');
  }
  if (diff.approval !== undefined) {
    const { because, id, state, by, reason } = diff.approval;
    const said = by === undefined ? '' : ` by ${oneLine(by)}${reason === undefined ? '' : ` (${oneLine(reason)})`}`;
    terminal.out(`${terminal.style('bold', 'Approval')}${id === undefined ? '' : ` ${id}`} ${state}${said}: ${oneLine(because)}`);
    terminal.out('');
  }
  const line = summaryLine(diff);
  terminal.out(terminal.style('bold', line.charAt(0).toUpperCase() + line.slice(1)));
}

const colors = { create: 'green', update: 'yellow', delete: 'red' } as const;

function showChange(change: Change, terminal: Terminal, { full }: ShowDiffOptions): void {
  const heading = (printable(change.diff).split('\n')[0] ?? '').replace(/:$/, '');
  const impact =
    change.impact === 'low' ? '' : terminal.style(change.impact === 'medium' ? 'yellow' : ['red', 'bold'], `  ${change.impact} impact`);
  terminal.out(`${terminal.style([colors[change.type], 'bold'], heading)}${terminal.style('dim', place(change))}${impact}`);
  for (const reason of change.reasons) terminal.out(terminal.style('dim', `    ${oneLine(reason)}`));
  if (change.type === 'update') {
    if (change.fields.length === 0) terminal.out('    no field changes; takes ownership of the fields that Git sets');
  }
  if (change.type === 'update' || full)
    for (const line of unifiedText(change.currentState, change.desiredState).split('\n'))
      if (line !== '') terminal.out(`    ${paint(printable(line), terminal)}`);
  terminal.out('');
}

function place({ namespace }: { namespace: string }): string {
  return namespace === '' ? '' : `  in ${oneLine(namespace)}`;
}

function paint(line: string, terminal: Terminal): string {
  if (line.startsWith('+')) return terminal.style('green', line);
  if (line.startsWith('-')) return terminal.style('red', line);
  return line.startsWith('@@') ? terminal.style('cyan', line) : line;
}

function showConflict(conflict: Conflict, terminal: Terminal): void {
  terminal.out(
    `  ${terminal.style('red', '✗')} ${oneLine(conflict.resource)}${place(conflict)}: ${oneLine(conflict.description)} ${terminal.style('dim', `[${conflict.type}]`)}`,
  );
  if (conflict.source !== undefined) terminal.out(terminal.style('dim', `    at ${oneLine(describeWhere(conflict.source))}`));
  if (conflict.path !== undefined) {
    for (const [who, value] of [
      ['Git', conflict.ours],
      ['cluster', conflict.theirs],
      ['last sync', conflict.base],
    ] as const) {
      if (value !== undefined) terminal.out(`    ${who.padEnd(9)} ${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`);
    }
  }
  for (const suggestion of conflict.suggestions) terminal.out(`    ${terminal.style('cyan', '→')} ${oneLine(suggestion)}`);
}
