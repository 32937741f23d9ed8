import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliLab, makeCliLab } from './support/cli.js';

interface Report {
  status: string;
  tasks: { name: string; state: string; error?: { code: string; message: string; where?: { line?: number } } }[];
}

let lab: CliLab;
beforeAll(() => {
  lab = makeCliLab();
});
afterAll(() => lab.close());

async function run(source: string): Promise<{ status: number | null; report: Report }> {
  writeFileSync(join(lab.folder, 'hostile.lua'), source);
  const result = await lab.run(['run', 'hostile.lua', '-o', 'json']);
  return { status: result.status, report: result.json<Report>() };
}

describe('what a script in Lua cannot do to the process', { timeout: 120_000 }, () => {
  test('each hostile task ends with an error that says what it was, and the others go on', async () => {
    const { status, report } = await run(`
      local function hostile(name, f, limit) return task(name):timeout(limit or "20s"):command(f):build() end
      hostile("sort", function() table.sort({ 3, 2, 1 }, function(a, b) return gitops.list_workflows() and a < b end) end)
      hostile("table", function() error({}) end)
      hostile("recursion", function() local function f() return 1 + f() end return f() end)
      hostile("bomb", function() return #string.rep("x", 1 << 30) end)
      hostile("loop", function() while true do pcall(function() while true do end end) end end, "1s")
      task("fine"):depends_on("sort", "table", "recursion", "bomb", "loop"):when("always"):command(function() return "fine" end):build()`);
    expect(status).toBe(1);
    expect(Object.fromEntries(report.tasks.map(({ name, state, error }) => [name, [state, error?.code, error?.where?.line]]))).toEqual({
      sort: ['failed', 'LUA_CANNOT_WAIT', 3],
      table: ['failed', 'LUA_ERROR', 4],
      recursion: ['failed', 'LUA_ERROR', 5],
      bomb: ['failed', 'LUA_MEMORY_LIMIT', 2],
      loop: ['failed', 'TASK_TIMEOUT', 2],
      fine: ['succeeded', undefined, undefined],
    });
  });

  test('a function of C that does not come back ends with the time limit of its task', async () => {
    const { status, report } = await run(`
      task("stuck"):timeout("500ms"):command(function() return string.find(string.rep("a", 60), string.rep("a-", 60) .. "b") end):build()
      task("after"):depends_on("stuck"):when("always"):command("echo on"):build()`);
    expect(status).toBe(1);
    expect(report.tasks.map(({ name, state, error }) => [name, state, error?.code])).toEqual([
      ['stuck', 'failed', 'TASK_TIMEOUT'],
      ['after', 'succeeded', undefined],
    ]);
  });

  test('a thousand tasks are declared and run', async () => {
    const { status, report } = await run('for i = 1, 1000 do task("t" .. i):command(function() return i end):build() end');
    expect([status, report.status, report.tasks.length]).toEqual([0, 'succeeded', 1000]);
  });
});
