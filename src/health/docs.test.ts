import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compareText } from '../model/index.js';
import { builtinKinds } from './kinds/table.js';
import { ruleTables } from './rules/registry.js';

const page = fileURLToPath(new URL('../../docs/health.md', import.meta.url));
const [begin, end] = ['<!-- kinds: begin -->\n', '<!-- kinds: end -->'];

/** The table of the page, from the tables of the code. */
function table(): string {
  const groups = new Map<string, Set<string>>();
  const add = (group: string, kinds: readonly string[]) => groups.set(group, new Set([...(groups.get(group) ?? []), ...kinds]));
  for (const key of builtinKinds.keys()) add(key.slice(0, key.indexOf('/')), [key.slice(key.indexOf('/') + 1)]);
  for (const entry of ruleTables.flat()) if (entry.rules.length > 0) add(entry.group, entry.kinds === '*' ? ['every kind'] : entry.kinds);
  const rows = [...groups].sort(([a], [b]) => compareText(a.replace('*.', ''), b.replace('*.', '')));
  const lines = rows.map(([group, kinds]) => `| ${group === '' ? 'core' : `\`${group}\``} | ${[...kinds].sort(compareText).join(', ')} |`);
  return ['| group | kinds |', '|---|---|', ...lines, ''].join('\n');
}

// EVENKEEL_UPDATE_DOCS=1 writes the table instead of comparing it.
it('docs/health.md lists the kinds that the code has rules for', () => {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  expect(from).toBeGreaterThan(begin.length);
  expect(to).toBeGreaterThanOrEqual(from);
  if (process.env['EVENKEEL_UPDATE_DOCS'] === '1') writeFileSync(page, text.slice(0, from) + table() + text.slice(to));
  else expect(text.slice(from, to)).toBe(table());
});
