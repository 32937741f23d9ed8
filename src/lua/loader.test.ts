import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../test/support/modules.js';
import { makeRepository } from '../../test/support/repository.js';
import { EvenkeelError } from '../model/index.js';
import type { LoadedScript, ScriptHost, TaskContext, TaskDefinition, TaskFunction, TaskLog, TaskResult } from '../tasks/index.js';
import { luaAnnotations } from './annotations.js';
import { loadLuaScript } from './loader.js';

let lab: ModuleLab;
let folder: string;
let lines: string[];
let asked: string[];
const open: LoadedScript[] = [];

beforeAll(async () => {
  lab = await moduleLab({ log: ({ level, message }) => lines.push(`${level}: ${message}`) });
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'evenkeel-lua-')));
});
beforeEach(() => {
  lines = [];
  asked = [];
});
afterAll(async () => {
  for (const script of open) await script.close();
  rmSync(folder, { recursive: true, force: true });
  await lab.close();
});

const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
const log: TaskLog = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };

function host(more: Partial<ScriptHost> = {}): ScriptHost {
  return {
    modules: lab.modules as unknown as ScriptHost['modules'],
    log,
    env: {},
    signal: new AbortController().signal,
    purpose: 'run',
    ask: async (question) => {
      asked.push(question);
      return 'y';
    },
    mask: () => undefined,
    ...more,
  };
}

async function load(source: string, files: { [name: string]: string } = {}, more: Partial<ScriptHost> = {}): Promise<LoadedScript> {
  for (const [name, text] of Object.entries({ ...files, 'main.lua': source })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const script = await loadLuaScript(join(folder, 'main.lua'), host(more), { computeMs: 60_000, graceMs: 10_000 });
  open.push(script);
  return script;
}

async function failure(source: string, files: { [name: string]: string } = {}): Promise<EvenkeelError> {
  try {
    await load(source, files);
  } catch (thrown) {
    if (thrown instanceof EvenkeelError) return thrown;
    throw thrown;
  }
  throw new Error('no error');
}

function context(more: Partial<TaskContext> = {}): TaskContext {
  return {
    signal: new AbortController().signal,
    log,
    runId: 'run-1',
    pipelineName: 'p',
    taskName: 't',
    attempt: 1,
    workdir: folder,
    artifactsDirectory: folder,
    env: {},
    mask: () => undefined,
    progress: () => undefined,
    exec: () => Promise.reject(new Error('no')),
    ask: async (question) => {
      asked.push(`task: ${question}`);
      return 'n';
    },
    ...more,
  };
}

const result = (more: Partial<TaskResult> = {}): TaskResult => ({
  name: 't',
  state: 'succeeded',
  success: true,
  output: { camelCase: 1 },
  attempts: 1,
  durationMs: 5,
  artifacts: [],
  ...more,
});

const command = (task: TaskDefinition | undefined) => task?.command as TaskFunction;

describe('a script', () => {
  test('declares tasks with all that there is to say of them', async () => {
    const { tasks } = await load(`
      local first = task("first"):command("make"):build()
      task("second")
        :description("Second")
        :command(function(params, deps) return { success = true, output = { sum = params.n + deps.first } } end)
        :depends_on(first)
        :depends_on({ "other", "more" })
        :timeout("1m30s")
        :retries(3, "linear")
        :condition(function(params) return params.n > 1 end)
        :run_if("test -e x")
        :when("always")
        :params({ n = 1, name = { type = "string", default = "x", choices = { "x", "y" } } })
        :artifacts({ "out/*" })
        :on_success(function(r) log.info(r.state .. " " .. r.duration_ms .. " " .. r.output.camelCase) end)
        :on_failure(function(r) log.error(r.error.code) end)
        :build()`);
    expect(tasks[0]).toMatchObject({ name: 'first', command: 'make', dependsOn: [], source: { file: join(folder, 'main.lua'), line: 2 } });
    const second = tasks[1] as TaskDefinition;
    expect(second).toMatchObject({
      name: 'second',
      description: 'Second',
      dependsOn: ['first', 'other', 'more'],
      timeoutMs: 90_000,
      retries: { limit: 3, backoff: 'linear' },
      when: 'always',
      params: { n: 1, name: { type: 'string', default: 'x', choices: ['x', 'y'] } },
      artifacts: ['out/*'],
      source: { line: 3 },
    });
    expect(await command(second)({ n: 2 }, { first: 40 }, context())).toEqual({ success: true, output: { sum: 42 } });
    const [condition, shell] = second.conditions ?? [];
    expect([
      await (condition as TaskFunction)({ n: 2 }, {}, context()),
      await (condition as TaskFunction)({ n: 1 }, {}, context()),
      shell,
    ]).toEqual([true, false, 'test -e x']);
    await second.onSuccess?.(result(), context());
    await second.onFailure?.(result({ success: false, state: 'failed', error: { code: 'TASK_FAILED', message: 'x' } }), context());
    expect(lines).toEqual(['info: succeeded 5 1', 'error: TASK_FAILED']);
  });

  test('declares pipelines whose hooks are called with what they want to know', async () => {
    const { pipelines, tasks } = await load(`
      local build = task("build"):command("true"):build()
      local alone = task("alone"):command("true"):build()
      workflow.define("release", {
        description = "Release", version = "2.0.0", max_parallel = 2,
        metadata = { author = "Ana", tags = { "a", "b" }, snake_case = { camelCase = 1 } },
        params = { env = "dev" },
        tasks = { build },
        on_task_start = function(name) log.info("start " .. name) end,
        on_task_complete = function(name, success, output) log.info(name .. " " .. tostring(success) .. " " .. tostring(output.n)) end,
        on_complete = function(success, results) log.info(tostring(success) .. " " .. results.build.duration_ms .. " " .. results.build.output.camelCase) end,
      })`);
    expect(tasks.map(({ name }) => name)).toEqual(['alone']);
    const [pipeline] = pipelines;
    expect(pipeline).toMatchObject({
      name: 'release',
      description: 'Release',
      version: '2.0.0',
      maxParallel: 2,
      metadata: { author: 'Ana', tags: ['a', 'b'], snake_case: { camelCase: 1 } },
      params: { env: 'dev' },
      tasks: [{ name: 'build' }],
      source: { file: join(folder, 'main.lua'), line: 4 },
    });
    await pipeline?.onTaskStart?.('build');
    await pipeline?.onTaskComplete?.('build', true, { n: 1 });
    await pipeline?.onComplete?.(false, { build: result() });
    expect(lines).toEqual(['info: start build', 'info: build true 1', 'info: false 5 1']);
  });

  test.each<[string, unknown]>([
    ['true', true],
    ['false', false],
    ['', undefined],
    ['true, "well done"', { success: true, message: 'well done', output: true }],
    ['true, "well done", { n = 1 }', { success: true, message: 'well done', output: { n: 1 } }],
    ['true, { n = 1 }', { success: true, output: { n: 1 } }],
    ['false, "no luck"', { success: false, message: 'no luck', output: false }],
    ['nil, "no luck"', { success: false, message: 'no luck', output: false }],
    ['{ success = false, message = "m" }', { success: false, message: 'm' }],
    ['{ 1, 2 }', [1, 2]],
    ['"text"', 'text'],
    ['gitops.sync_workflow("nowhere")', { success: false, message: expect.stringContaining('nowhere'), output: false }],
  ])('whose task returns %s', async (returned, expected) => {
    const { tasks } = await load(`task("t"):command(function() return ${returned} end):build()`);
    expect(await command(tasks[0])({}, {}, context())).toEqual(expected);
  });

  test('whose task returns a function has no output', async () => {
    const { tasks } = await load('task("t"):command(function() return { f = print } end):build()');
    await expect(command(tasks[0])({}, {}, context())).rejects.toMatchObject({ code: 'LUA_VALUE' });
  });

  test('whose task returns bytes says so', async () => {
    const { tasks } = await load('task("t"):command(function() return { a = { "\\xff" } } end):build()');
    await expect(command(tasks[0])({}, {}, context())).rejects.toMatchObject({
      code: 'LUA_VALUE',
      hint: expect.stringContaining('base64'),
    });
  });

  test('may begin with a line for the shell, or a byte order mark', async () => {
    await load('#!/usr/bin/env -S evenkeel run\nprint("shell")');
    await load('\ufeffprint("mark") print(("x"):rep(100000))');
    expect(lines.slice(0, 2)).toEqual(['info: shell', 'info: mark']);
    expect(lines[2]?.length).toBeLessThan(66_000);
  });

  test('that is only looked at raises what it must not do', async () => {
    const guarded = {
      ...lab.modules,
      gitops: { ...lab.modules.gitops, syncWorkflow: () => Promise.reject(new EvenkeelError('SCRIPT_TOP_LEVEL', 'not now')) },
    };
    await expect(load('gitops.sync_workflow("x") print("never")', {}, { modules: guarded as never })).rejects.toMatchObject({
      code: 'SCRIPT_TOP_LEVEL',
      where: { line: 1 },
    });
    expect(lines).toEqual([]);
  });

  test('finds its modules with and without require, and files beside it', async () => {
    const { tasks } = await load(
      `local l, g, t, w = require("log"), require("gitops"), require("task"), require("workflow")
       assert(l == log and g == gitops and t == task and w == workflow and require("data") == require("data") and data == nil)
       local words = require("lib.words")
       log.info(words.greet("Ana"), { n = 1 })
       print("n", 1.5, nil)
       warn("@on") warn("care", "ful")
       log.error(nil)`,
      {
        'lib/words.lua': 'local names = require("names") return { greet = function(who) return names.hello .. " " .. who end }',
        'lib/names.lua': 'return { hello = "Hello" }',
      },
    );
    expect(tasks).toEqual([]);
    expect(lines).toEqual(['info: Hello Ana', 'info: n\t1.5\tnil', 'warn: careful', 'error: nil']);
  });

  test('asks at its top level and in its tasks', async () => {
    const { tasks } = await load(`
      print("Really? (y/N)")
      assert(io.read():lower() == "y")
      task("t"):command(function() io.write("Sure? ") return io.read() == "n" end):build()`);
    expect(await command(tasks[0])({}, {}, context())).toBe(true);
    expect(asked).toEqual(['Really? (y/N)', 'task: Sure?']);
    const { tasks: again } = await load('task("t"):command(function() return io.read() end):build()');
    const nobody = context({
      ask: () => Promise.reject(new EvenkeelError('TASK_FAILED', 'nobody is here', { hint: 'Answer with --answer.' })),
    });
    await expect(command(again[0])({}, {}, nobody)).rejects.toMatchObject({
      hint: 'Answer with --answer.',
      where: { file: join(folder, 'main.lua'), line: 1 },
    });
  });

  test('200 tasks that wait share one thread', async () => {
    const { tasks } = await load(
      `for i = 1, 200 do task("t" .. i):command(function() log.info("a") local d = require("data") return #d.to_json({ i }) > 0 and i end):build() end`,
    );
    expect(await Promise.all(tasks.map((task) => command(task)({}, {}, context())))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(lines).toHaveLength(200);
  });

  test.runIf(existsSync('/proc/self/task'))('200 tasks that wait cost no thread each', async () => {
    const { tasks } = await load('for i = 1, 200 do task("t" .. i):command(function() return io.read() end):build() end');
    const threads = () => readdirSync('/proc/self/task').length;
    const before = threads();
    let go: (answer: string) => void = () => undefined;
    const gate = new Promise<string>((resolve) => {
      go = resolve;
    });
    let waiting = 0;
    let results: Promise<unknown[]> = Promise.resolve([]);
    await new Promise<void>((resolve) => {
      const ask = () => {
        if (++waiting === 200) resolve();
        return gate;
      };
      results = Promise.all(tasks.map((task) => command(task)({}, {}, context({ ask }))));
    });
    expect(threads() - before).toBeLessThan(5);
    go('go');
    expect(await results).toEqual(Array.from({ length: 200 }, () => 'go'));
  });

  test('a task that sleeps lets others go on, and ends when it is told to', async () => {
    const { tasks } = await load(`
      task("long"):command(function() sleep("90d") end):build()
      task("short"):command(function() sleep(0) sleep(0.001) sleep("1ms") return 1 end):build()
      task("wrong"):command(function() sleep("soon") end):build()`);
    const abort = new AbortController();
    const long = command(tasks[0])({}, {}, context({ signal: abort.signal }));
    expect(await command(tasks[1])({}, {}, context())).toBe(1);
    await expect(command(tasks[2])({}, {}, context())).rejects.toMatchObject({ code: 'DURATION_INVALID', where: { line: 4 } });
    abort.abort(new EvenkeelError('CANCELLED', 'enough'));
    await expect(long).rejects.toMatchObject({ message: 'enough' });
  });

  test('a task that is cancelled ends, and another goes on', async () => {
    const { tasks } = await load(`
      task("stuck"):command(function() while true do pcall(function() for i = 1, 1e6 do end end) end end):build()
      task("fine"):command(function() return 1 end):build()`);
    const abort = new AbortController();
    const stuck = command(tasks[0])({}, {}, context({ signal: abort.signal }));
    setTimeout(() => abort.abort(new EvenkeelError('CANCELLED', 'time is up')), 30);
    await expect(stuck).rejects.toMatchObject({ message: 'time is up' });
    expect(await command(tasks[1])({}, {}, context())).toBe(1);
  });
});

describe('modules', () => {
  test('give the value, or nil or false, a reason and a code', async () => {
    await load(`
      local status, reason, code = gitops.get_workflow_status("nowhere")
      print(status, code) assert(reason:find("nowhere"))
      local ok, why = gitops.sync_workflow("nowhere") print(ok, type(why))
      print(pcall(gitops.generate_diff, "nowhere"))
      local fs = require("fs")
      print(fs.read_text("missing.txt"))`);
    expect(lines.slice(0, 2)).toEqual(['info: nil\tWORKFLOW_NOT_FOUND', 'info: false\tstring']);
    expect(lines[2]).toMatch(/^info: false\tWORKFLOW_NOT_FOUND: /);
    expect(lines[3]).toMatch(/^info: nil\t.*missing\.txt.*\tFILE_NOT_FOUND$/);
  });

  test('sync and preview a repository, and leave names inside of objects alone', async () => {
    const repository = makeRepository(join(folder, 'manifests'));
    repository.commit({ 'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {camelCase: "1", snake_case: "2"}\n' });
    await load(`
        local w = gitops.workflow({ repo = "${repository.path}", auto_sync = false })
        local diff = gitops.generate_diff(w.workflow_id)
        print(w.status, diff.summary.total_changes, diff.changes[1].resource, diff.changes[1].desired_state.data.camelCase, #diff.conflicts)
        print(diff.changes[1].current_state, diff.changes[1].desired_state.apiVersion)
        print(gitops.sync_workflow(w.workflow_id))
        local status = gitops.get_workflow_status(w.workflow_id)
        print(status.status, status.last_sync_result.status, status.last_sync_result.metrics.resources_applied)
        for _, one in ipairs(gitops.inspect(w.workflow_id)) do print(one.health, one.sync) end
        print(gitops.preview_changes(w.workflow_id).summary.total_changes)`);
    expect(lines).toEqual([
      'info: created\t1\tConfigMap/web\t1\t0',
      'info: nil\tv1',
      'info: true',
      'info: synced\tsucceeded\t1',
      'info: nil\tsynced',
      'info: 0',
    ]);
  });
});

describe('mistakes are told where they are', () => {
  test.each<[string, string, number, RegExp, RegExp]>([
    ['\ngitops.workflow({ repo = "x", auto_snyc = true })', 'OPTION_UNKNOWN', 2, /"auto_snyc"/, /"auto_sync"/],
    ['workflow.define("p", { taks = {} })', 'OPTION_UNKNOWN', 1, /"taks"/, /"tasks"/],
    ['task("t")\n:comand("x")', 'OPTION_UNKNOWN', 2, /"comand"/, /"command"/],
    ['workflow.defin("p", {})', 'OPTION_UNKNOWN', 1, /"defin"/, /"define"/],
    ['task("t")\n  :timeout("soon")\n  :build()', 'TASK_INVALID', 1, /timeout/, /./],
    ['task(5)', 'TASK_INVALID', 1, /name/, /./],
    ['task("t"):command("x")', 'TASK_INVALID', 1, /not built/, /:build\(\)/],
    ['local a = task("a")\ntask("b"):depends_on(a):build()', 'TASK_INVALID', 1, /"a": it is not built/, /:build\(\)/],
    ['local t = task("t"):command("x"):build()\nt:timeout("1m")', 'LUA_ERROR', 2, /method 'timeout'/, /^$/],
    ['workflow.define("p", { tasks = { nil, task("t"):build() } })', 'TASK_INVALID', 1, /task 1 of its tasks is nil/, /misspelt/],
    ['task("b"):depends_on(nil):build()', 'TASK_INVALID', 1, /depends_on/, /misspelt/],
    [
      'task("a"):build() task("a"):build()\nworkflow.define("p", { tasks = { "a" }, max_parallel = 0 })',
      'TASK_INVALID',
      2,
      /max_parallel/,
      /^$/,
    ],
    [
      'local w = gitops.get_workflow_status("gone")\nprint(w.status)',
      'LUA_ERROR',
      2,
      /index a nil value/,
      /get_workflow_status gave nothing: .*gone/,
    ],
    ['require("gitop")', 'LUA_MODULE_NOT_FOUND', 1, /gitop/, /"gitops"/],
    ['require("../outside")', 'LUA_MODULE_NOT_FOUND', 1, /outside/, /./],
    ['x = {\n  hooks = [ "a" ] }', 'LUA_SYNTAX', 2, /'\['/, /braces/],
    ['require("broken")', 'LUA_SYNTAX', 3, /'end' expected/, /^$/],
    ['require("raises")', 'LUA_ERROR', 2, /from the file/, /^$/],
  ])('%s', async (source, code, line, message, hint) => {
    const error = await failure(source, { 'broken.lua': 'if x then\n\n', 'raises.lua': '\nerror("from the file")' });
    expect([error.code, error.where.line]).toEqual([code, line]);
    expect(error.where.file).toBe(join(folder, /broken|raises/.exec(source)?.[0].concat('.lua') ?? 'main.lua'));
    expect(error.message).toMatch(message);
    expect(error.hint ?? '').toMatch(hint);
  });

  test('a link does not lead out of the folder', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'evenkeel-lua-'));
    writeFileSync(join(outside, 'secret.lua'), 'return 1');
    symlinkSync(join(outside, 'secret.lua'), join(folder, 'link.lua'));
    expect(await failure('require("link")')).toMatchObject({ code: 'LUA_MODULE_NOT_FOUND', message: expect.stringContaining('outside') });
    rmSync(outside, { recursive: true });
  });

  test('a script that is no text', async () => {
    writeFileSync(join(folder, 'latin.lua'), Buffer.from([0x2d, 0x2d, 0xe9]));
    await expect(loadLuaScript(join(folder, 'latin.lua'), host())).rejects.toMatchObject({
      code: 'LUA_SYNTAX',
      message: expect.stringContaining('UTF-8'),
    });
  });
});

describe('annotations for editors', () => {
  test('are Lua, and only declare', async () => {
    for (const [name, text] of luaAnnotations()) {
      const { pipelines, tasks } = await load('require("annotations")', { 'annotations.lua': text });
      expect([name, pipelines, tasks]).toEqual([name, [], []]);
    }
  });

  test('have every method of a task and every option of a pipeline', async () => {
    const text = [...luaAnnotations().values()].join('\n');
    const methods = [...text.matchAll(/^function builder:(\w+)\(/gm)].map(([, name]) => name as string);
    const hint = (await failure('task("t"):xyzzy()')).hint ?? '';
    expect(hint.replace(/^Known options: |\.$/g, '').split(', ')).toEqual([...methods].sort());
    const options = (await failure('workflow.define("p", { xyzzy = 1 })')).hint ?? '';
    const fields = /@class \(exact\) evenkeel\.PipelineOptions\n((?:---@field.*\n)+)/.exec(text)?.[1] ?? '';
    expect(options.replace(/^Known options: |\.$/g, '').split(', ')).toEqual(
      [...fields.matchAll(/@field (\w+)/g)].map(([, name]) => name).sort(),
    );
  });
});
