import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EvenkeelError } from '../model/index.js';
import { type Bench, openBench } from './core-testing.js';

let lua: Bench;
beforeAll(async () => {
  lua = await openBench(
    { computeMs: 60_000, graceMs: 10_000 },
    { words: 'h.later(1) return { hello = h.later("hello"), by = (...) }', round: 'return require("round")' },
  );
});
afterAll(() => lua.close());

describe('a call that takes time is a plain call', () => {
  test.each<[string, string, unknown[]]>([
    ['in an expression', 'return h.later(1) + h.later(2)', [3]],
    ['in nested functions', 'local function a() return h.later("x") end local function b() return a() .. "y" end return b()', ['xy']],
    ['in pcall', 'return pcall(function() return h.later(3) end)', [true, 3]],
    ['in pcall within pcall', 'return pcall(pcall, h.later, 1)', [true, true, 1]],
    ['before an error in pcall', 'return pcall(function() h.later(1) error({ n = 5 }) end)', [false, { n: 5 }]],
    ['in xpcall', 'return xpcall(function() h.later(1) error("x", 0) end, function(e) return e .. "!" end)', [false, 'x!']],
    [
      'in an iterator',
      'local r = {} for v in function(_, i) i = (i or 0) + 1 if i < 4 then return h.later(i) end end do r[#r + 1] = v end return r',
      [[1, 2, 3]],
    ],
    ['in __index', 'return setmetatable({}, { __index = function(_, k) return h.later(k) end }).name', ['name']],
    [
      'in __newindex',
      'local seen local t = setmetatable({}, { __newindex = function(_, k, v) seen = h.later(k .. v) end }) t.a = "b" return seen',
      ['ab'],
    ],
    ['in __add', 'return setmetatable({}, { __add = function(_, n) return h.later(n) end }) + 7', [7]],
    [
      'in __call and __eq',
      'local m = { __call = function() return h.later(1) end, __eq = function() return h.later(true) end } local a, b = setmetatable({}, m), setmetatable({}, m) return a(), a == b',
      [1, true],
    ],
    [
      'in a __close',
      'local seen do local x <close> = setmetatable({}, { __close = function() seen = h.later(1) end }) end return seen',
      [1],
    ],
    ['in a loaded chunk', 'return load("return h.later(...)")(4)', [4]],
    [
      'in a coroutine',
      'local c = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(h.later(i * 10)) end end) return c(), c(), c()',
      [10, 20, 30],
    ],
    [
      'in coroutines of coroutines',
      `local function letters() return coroutine.wrap(function() for _, l in ipairs({ "a", "b" }) do coroutine.yield(h.later(l)) end end) end
       local all = coroutine.wrap(function() coroutine.yield(h.later(10)) for l in letters() do coroutine.yield(h.later(l)) end end)
       local r = {} for v in all do r[#r + 1] = v end return r`,
      [[10, 'a', 'b']],
    ],
    [
      'by coroutine.resume',
      'local c = coroutine.create(function(x) return h.later(x), coroutine.isyieldable() end) return coroutine.resume(c, 1)',
      [true, 1, true],
    ],
    [
      'in a function that the host calls',
      'return h.call(function(a, b) return h.later(a + b), pcall(h.fail) end, 1, 2)',
      [3, false, expect.objectContaining({ message: 'boom' })],
    ],
    [
      'in what require runs, once',
      'local a, file = require("words") return a, file, require("words") == a',
      [{ hello: 'hello', by: 'words' }, 'words.lua', true],
    ],
  ])('%s', async (_, source, expected) => {
    expect(await lua.values(source)).toEqual(expected);
  });

  test.each([
    ['h.later', 'table.sort({ 3, 2, 1 }, function(a, b) return h.later(a < b) end)'],
    ['h.later', 'return (string.gsub("abc", "%w", function(c) return h.later(c) end))'],
    ['h.later', 'return tostring(setmetatable({}, { __tostring = function() return h.later("x") end }))'],
    ['h.later', 'table.sort({ 3, 2, 1 }, function(a, b) local c = coroutine.wrap(function() return h.later(a < b) end) return c() end)'],
  ])('but %s cannot wait in %s', async (name, source) => {
    const error = await lua.failure(source);
    expect(error).toMatchObject({ code: 'LUA_CANNOT_WAIT', where: { file: 'script.lua', line: 1 } });
    expect(error.message).toContain(`${name} is called where Lua cannot wait`);
    expect(error.hint).toContain('Call it before');
  });

  test('what nobody waits for works there, too', async () => {
    lua.said.length = 0;
    await lua.values('table.sort({ 2, 1 }, function(a, b) h.say(a) return a < b end) print("a", 1, nil, null, true)');
    expect(lua.said).toEqual([1, 'a\t1\tnil\tnull\ttrue']);
    const flood = await lua.failure('table.sort({ 2, 1 }, function() for i = 1, 20000 do h.say(i) end end)');
    expect(flood).toMatchObject({ code: 'LUA_VALUE', message: expect.stringContaining('10000') });
    const long = await lua.failure('table.sort({ 2, 1 }, function() h.say(("x"):rep(2e6)) end)');
    expect(long).toMatchObject({ code: 'LUA_VALUE', message: expect.stringContaining('characters') });
  });

  test('a coroutine that waits is not to be resumed by another', async () => {
    const [a, b] = await Promise.all([
      lua.values('shared = coroutine.create(function() return h.later(h.later(1)) end) return coroutine.resume(shared)'),
      lua.values('while not shared do h.echo() end return coroutine.resume(shared)'),
    ]);
    expect(a).toEqual([true, 1]);
    expect(b[0]).toBe(false);
  });
});

describe('errors', () => {
  test('of the host have its code and the line of the script', async () => {
    expect(await lua.failure('\n\nh.refuse()')).toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: 'unknown option "colour"',
      hint: 'Did you mean "color"?',
      where: { file: 'script.lua', line: 3 },
      details: { n: 1 },
    });
    expect((await lua.failure('h.fail()')).code).toBe('INTERNAL');
  });

  test('of the host are values that can be read, printed and raised again', async () => {
    expect(await lua.values('local ok, e = pcall(h.refuse) return ok, e.code, e.where.line, tostring(e), "did: " .. e')).toEqual([
      false,
      'OPTION_UNKNOWN',
      1,
      'OPTION_UNKNOWN: unknown option "colour"',
      'did: OPTION_UNKNOWN: unknown option "colour"',
    ]);
    expect(await lua.failure('local ok, e = pcall(h.refuse)\nerror(e)')).toMatchObject({ code: 'OPTION_UNKNOWN', where: { line: 1 } });
  });

  test.each<[string, string, number | undefined]>([
    ['error("too bad")', 'too bad', 1],
    ['\nerror("bare", 0)', 'bare', 2],
    ['local function f() error("of the caller", 2) end\n\nf()', 'of the caller', 3],
    ['local x\nx.y = 1', "attempt to index a nil value (local 'x')", 2],
    ['error({})', 'a table was raised as an error', 1],
    ['error({ message = "inside" })', 'inside', 1],
    ['error(setmetatable({}, { __tostring = function() return "as text" end }))', 'as text', 1],
    ['error(setmetatable({}, { __tostring = error }))', 'a table was raised as an error', 1],
    ['local t = {} t.t = t error(t)', 'a table was raised as an error', 1],
    ['error()', 'nil was raised as an error', 1],
    ['error(42, 0)', 'the number 42 was raised as an error', 1],
    ['coroutine.wrap(function() error("within") end)()', 'within', 1],
    ['coroutine.yield(1)', 'attempt to yield from outside a coroutine', 1],
    ['local function f() return 1 + f() end return f()', 'stack overflow', 1],
    ['local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return t[1]', 'C stack overflow', 1],
    ['local function f() return pcall(f) end return select("#", f()), error("still here")', 'still here', 1],
    ['string.rep("x", -1):bad()', "attempt to call a nil value (method 'bad')", 1],
  ])('%s', async (source, message, line) => {
    const error = await lua.failure(source);
    expect(error).toMatchObject({ code: 'LUA_ERROR', message });
    expect(error.where).toEqual({ file: 'script.lua', ...(line === undefined ? {} : { line }) });
  });

  test('have the lines that led there, and none of ours', async () => {
    const error = await lua.failure('local function inner() h.later(1) error("x") end\nlocal function outer() inner() end\nouter()');
    expect(error.details['traceback']).toEqual([
      "[C]: in function 'error'",
      "script.lua:1: in upvalue 'inner'",
      "script.lua:2: in local 'outer'",
      'script.lua:3: in main chunk',
    ]);
  });

  test.each<[string, number, number, RegExp]>([
    ['x = [ 1, 2 ]', 1, 5, /braces/],
    ['local t = {\n  a = { 1 }, b = [ -- a list\n "x" ] }', 2, 18, /braces/],
    ['local t = { "a": 1 }', 1, 16, /equals sign/],
    ['if a != b then end', 1, 6, /~=/],
    ['if not a && b then end', 1, 10, /and/],
    ['x = a || b', 1, 7, /or/],
    ['if x { }', 1, 9, /^$/],
    ['for i = 1, 2 do\n', 2, 1, /^$/],
    ['local s = "abc', 1, 11, /^$/],
    ['x = = 1', 1, 5, /^$/],
    ['goto nowhere', 1, 6, /^$/],
    ['x = 3x', 1, 5, /^$/],
    ['--[[ long\ncomment ]] x = ]', 2, 16, /^$/],
  ])('of syntax have line and column: %s', async (source, line, column, hint) => {
    const error = await lua.failure(source);
    expect(error.code).toBe('LUA_SYNTAX');
    expect([error.where, error.hint ?? '']).toEqual([{ file: 'script.lua', line, column }, expect.stringMatching(hint)]);
  });

  test('of any text that is no Lua are errors of syntax at a place in it', async () => {
    const words =
      'local x = { } [ ] ( ) "a" \' " -- [[ ]] if then end function return 1 3x .. && != é \0 : , :: goto nil # <const> \\ ...'.split(' ');
    const source = fc.array(fc.constantFrom(...words, '\n', ' '), { minLength: 1, maxLength: 30 }).map((list) => list.join(' '));
    await fc.assert(
      fc.asyncProperty(source, async (text) => {
        const error = await lua.values(text).then(
          () => undefined,
          (thrown: EvenkeelError) => thrown,
        );
        if (error?.code !== 'LUA_SYNTAX') {
          expect([undefined, 'LUA_ERROR', 'LUA_VALUE']).toContain(error?.code);
          return;
        }
        const { line = 0, column } = error.where;
        const lines = text.split('\n');
        expect(line >= 1 && line <= lines.length).toBe(true);
        if (column !== undefined) expect(column >= 1 && column <= (lines[line - 1] as string).length + 1).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('of the host that a script has changed harm nobody', async () => {
    const changes = [
      'e.message = nil',
      'e.message = {}',
      'e.where = 5',
      'e.where = { file = {}, line = "x" }',
      'e.hint = e',
      'e.details = "x"',
      'e.code = null',
      'e[1] = 1',
      'e.code = print',
      'for k in pairs(e) do e[k] = nil end',
    ];
    for (const change of changes) {
      const error = await lua.failure(`local _, e = pcall(h.refuse) ${change} error(e)`);
      expect([error.code, typeof error.message, typeof error.where]).toEqual([
        expect.stringMatching(/^(OPTION_UNKNOWN|LUA_ERROR)$/),
        'string',
        'object',
      ]);
    }
    const long = await lua.failure('local t = { [("n"):rep(1e6)] = function() error("x") end } local k = next(t) t[k]()');
    expect(JSON.stringify(long).length).toBeLessThan(20_000);
  });

  test('of what require does not find or go round in', async () => {
    expect(await lua.failure('require("nothing")')).toMatchObject({ code: 'LUA_MODULE_NOT_FOUND', where: { file: 'script.lua', line: 1 } });
    expect((await lua.failure('require("round")')).message).toContain('requires itself');
    expect((await lua.failure('require(5)')).message).toContain('string expected');
  });
});

describe('values', () => {
  test.each<[string, unknown[]]>([
    ['1, 2.5, -0.0, 1e300, 0/0, 1/0', [1, 2.5, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY]],
    ['9007199254740991, 9007199254740993, math.mininteger', [Number.MAX_SAFE_INTEGER, 9007199254740993n, -(2n ** 63n)]],
    ['"a\\0b", "é€😀", "", "\\xff\\0"', ['a\0b', 'é€😀', '', new Uint8Array([0xff, 0])]],
    ['nil, true, false, null', [undefined, true, false, null]],
    ['{ 1, { 2 }, null }, { a = { b = 1 } }, {}', [[1, [2], null], { a: { b: 1 } }, {}]],
    ['{ __proto__ = { polluted = 1 }, constructor = 2 }', [JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')]],
  ])('go out and come in: %s', async (list, expected) => {
    expect(await lua.values(`return h.echo(${list})`)).toEqual(expected);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('integers stay integers and floats floats', async () => {
    expect(
      await lua.values('local a, b, c = h.echo(3, 2.5, 9007199254740993) return math.type(a), math.type(b), math.type(c), tostring(a)'),
    ).toEqual(['integer', 'float', 'integer', '3']);
    expect(await lua.values('return math.type(h.echo(2^53)), h.echo(2^53)')).toEqual(['float', 2 ** 53]);
  });

  test('an empty list stays one', async () => {
    const emptied = (list: unknown) => lua.values(`local l = h.call(function() return l end) return ${list}`);
    expect(await emptied('{}')).toEqual([{}]);
    const [f] = await lua.values('return function(l, o) return l, o, #l end');
    expect(await (f as { call: (args: unknown[]) => Promise<unknown[]> }).call([[], {}])).toEqual([[], {}, 0]);
  });

  test('bytes and dates arrive as texts', async () => {
    expect(await lua.values('local b, d = h.bytes() return #b, b:byte(1), d')).toEqual([3, 255, '1970-01-01T00:00:00.000Z']);
  });

  test('nest 190 deep, both ways, hundreds of times', async () => {
    for (let i = 0; i < 200; i++)
      expect(
        await lua.values(
          'local v, n = h.deep(190), 0 local c = v while type(c) == "table" do c = c["in"] n = n + 1 end h.echo(v) return n, c',
        ),
      ).toEqual([190, 'bottom']);
  });

  test.each([
    ['local t = {} t.t = t return t', 'at t: the table contains itself'],
    ['local t = {} for i = 1, 300 do t = { t } end return t', 'deeper than 200'],
    ['return { 1, nil, 3 }', 'hole'],
    ['return { 1, 2, a = 3 }', 'the name "a"'],
    ['return { [5] = 1 }', 'the key 5'],
    ['return { [true] = 1 }', 'the key that is no text'],
    ['return { a = { b = coroutine.create(print) } }', 'at a.b: it is a coroutine'],
    ['h.echo({ f = { 1, { 2, nil, 4 } } })', 'argument 1: at f[2][2]'],
    ['h.deep(300)', 'deeper than 200'],
    ['h.special()', 'cannot be given to Lua'],
    ['local t = {} for i = 1, 1000001 do t[i] = i end return t', 'more than 1000000'],
  ])('that are no data are refused: %s', async (source, message) => {
    expect(await lua.failure(source)).toMatchObject({ code: 'LUA_VALUE', message: expect.stringContaining(message) });
    expect(await lua.values('return 1')).toEqual([1]);
  });

  test('any JSON data comes back as it was', async () => {
    const [echo] = await lua.values('return function(v) return h.echo(v) end');
    const call = (echo as { call: (args: unknown[]) => Promise<unknown[]> }).call;
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('value'), { minLength: 1 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value')),
      ),
      leaf: fc.oneof(
        fc.integer(),
        fc.double({ noDefaultInfinity: true }),
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const plain = structuredClone(value);
        expect((await call([value]))[0]).toEqual(plain);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a script has no way out', () => {
  test('its libraries are those that it may have', async () => {
    expect(
      await lua.values(`local names = {} for name in pairs(_G) do names[#names + 1] = name end table.sort(names)
        local function keys(t) local r = {} for k in pairs(t) do r[#r + 1] = k end table.sort(r) return r end
        return names, keys(os), keys(io), string.dump`),
    ).toEqual([
      [
        '_G',
        '_VERSION',
        'assert',
        'collectgarbage',
        'coroutine',
        'error',
        'getmetatable',
        'h',
        'io',
        'ipairs',
        'load',
        'math',
        'next',
        'null',
        'os',
        'pairs',
        'pcall',
        'print',
        'rawequal',
        'rawget',
        'rawlen',
        'rawset',
        'require',
        'select',
        'setmetatable',
        'shared',
        'string',
        'table',
        'tonumber',
        'tostring',
        'type',
        'utf8',
        'warn',
        'xpcall',
      ],
      ['clock', 'date', 'difftime', 'time'],
      ['read', 'stderr', 'stdin', 'stdout', 'write'],
      undefined,
    ]);
  });

  test.each([
    ['no binary chunk', 'local f, e = load("\\27Lua", "x", "b") return f, e', [undefined, expect.stringContaining('only source text')]],
    [
      'no binary chunk, whatever the mode',
      'local f, e = load("\\27LuaT", "x", "bt") return f, e',
      [undefined, expect.stringContaining('binary chunk')],
    ],
    ['no metatable of null or of an error', 'local _, e = pcall(h.refuse) return getmetatable(null), getmetatable(e)', [false, false]],
    ['no environment but what is given', 'local f = load("return x, print", "c", "t", { x = 1 }) return f()', [1, undefined]],
  ])('%s', async (_, source, expected) => {
    expect(await lua.values(source)).toEqual(expected);
  });

  test.each([
    ['os.getenv("HOME")', /--param/],
    ['os.execute("ls")', /exec\.run/],
    ['io.popen("ls")', /exec\.run/],
    ['io.open("/etc/passwd")', /fs module/],
    ['os.exit(3)', /return/],
  ])('%s says what to use', async (source, hint) => {
    expect((await lua.failure(source)).hint).toMatch(hint);
    expect(process.exitCode).toBeUndefined();
  });

  test('what is read is asked as it was said', async () => {
    lua.said.length = 0;
    expect(
      await lua.values('print("Sure? (y/N)") local a = io.read() io.write("one\\nName: ") local b = io.read("l") return a, b'),
    ).toEqual(['Sure? (y/N)!', 'Name: !']);
    expect(lua.said).toEqual(['Sure? (y/N)', 'one']);
    await lua.values('io.write("not ", 1) io.stdout:write(" ended")');
    expect(lua.said.at(-1)).toBe('not 1 ended');
  });
});

describe('limits', () => {
  test.each([
    ['a loop without end', 'while true do end'],
    ['that pcall does not hold up', 'while true do pcall(function() while true do end end) end'],
    [
      'nor xpcall with a handler of its own',
      'while true do xpcall(function() while true do end end, function() while true do end end) end',
    ],
    ['nor coroutines', 'while true do coroutine.resume(coroutine.create(function() while true do end end)) end'],
    ['nor load', 'while true do load(function() while true do end end) end'],
    ['nor a close', 'local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end'],
    ['nor sorting', 'while true do pcall(table.sort, { 1, 2, 3 }, function() while true do end end) end'],
  ])('of computing: %s', async (_, source) => {
    const quick = await openBench({ computeMs: 150, graceMs: 5000 });
    expect(await quick.failure(`\n${source}`)).toMatchObject({ code: 'LUA_TIME_LIMIT', where: { file: 'script.lua', line: 2 } });
    expect(await quick.values('return 1')).toEqual([1]);
    await quick.close();
  });

  test('a function of C that does not end ends with its thread, and nothing else', async () => {
    const quick = await openBench({ computeMs: 200, graceMs: 200 });
    const stuck = quick.failure('string.find(string.rep("a", 60), string.rep("a-", 60) .. "b")');
    const other = quick.failure('h.never()');
    expect(await stuck).toMatchObject({ code: 'LUA_TIME_LIMIT' });
    expect(await other).toMatchObject({ code: 'LUA_ENDED' });
    expect(await quick.failure('return 1')).toMatchObject({ code: 'LUA_ENDED' });
    expect(await lua.values('return 1')).toEqual([1]);
  });

  test.each([
    ['that is collected while a script computes', 'while true do setmetatable({}, { __gc = function() while true do end end }) end'],
    ['that is collected after it', 'setmetatable({}, { __gc = function() while true do end end }) while true do error("x") end'],
  ])('a finalizer that does not end: %s', async (_, source) => {
    const quick = await openBench({ computeMs: 200, graceMs: 200 });
    const codes = [(await quick.failure(source)).code];
    // Garbage is collected some time later: by then somebody else computes.
    for (let i = 0; i < 500 && codes.at(-1) === 'LUA_ERROR'; i++)
      codes.push((await quick.failure('local t = {} for i = 1, 1000 do t[i] = { i } end error("y")')).code);
    expect(codes.at(-1)).toMatch(/^LUA_(TIME_LIMIT|ENDED)$/);
    await quick.close();
  });

  test.each([
    ['a text', 'return #string.rep("x", 1 << 30)'],
    ['texts', 'local t = {} while true do t[#t + 1] = string.rep("x", 100000) .. #t end'],
    ['a table', 'local t = {} while true do t[#t + 1] = #t end'],
  ])('of memory: %s', async (_, source) => {
    const small = await openBench({ memoryBytes: 48 * 1024 * 1024 });
    expect(await small.failure(source)).toMatchObject({ code: 'LUA_MEMORY_LIMIT', message: expect.stringContaining('48 MiB') });
    expect(await small.values(`return pcall(function() ${source} end)`)).toEqual([false, 'not enough memory']);
    expect((await small.measure()).luaBytes).toBeLessThan(200_000);
    await small.close();
  });

  test('a cancelled script ends where it waits, and closes what it opened', async () => {
    lua.said.length = 0;
    const abort = new AbortController();
    const run = lua.run(
      'local x <close> = setmetatable({}, { __close = function() closed = true end }) pcall(h.never) return 1',
      'script.lua',
      { signal: abort.signal },
    );
    setTimeout(() => abort.abort(new EvenkeelError('CANCELLED', 'the person wants out')), 20);
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED', message: 'the person wants out' });
    expect(await lua.values('return closed')).toEqual([true]);
    expect(lua.said).toEqual(['the call was aborted']);
  });

  test('what the host calls for a script ends with it', async () => {
    const abort = new AbortController();
    const run = lua.run('h.call(function() while true do h.later(1) end end)', 'script.lua', { signal: abort.signal });
    setTimeout(() => abort.abort(), 30);
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await vi.waitFor(async () => expect((await lua.measure()).threads).toBe(0), { timeout: 5000 });
  });

  test('a cancelled script ends while it computes', async () => {
    const abort = new AbortController();
    const run = lua.run('while true do pcall(function() for i = 1, 1e5 do end end) end', 'script.lua', { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await lua.values('return 1')).toEqual([1]);
  });

  test('a closed interpreter says so', async () => {
    const closed = await openBench();
    const [f] = await closed.values('return function() return 1 end');
    const waiting = closed.failure('h.never()');
    await closed.close();
    expect(await waiting).toMatchObject({ code: 'LUA_ENDED' });
    await expect((f as () => Promise<unknown>)()).rejects.toMatchObject({ code: 'LUA_ENDED' });
  });
});

describe('in numbers', () => {
  test('thousands of runs leave nothing behind', async () => {
    const many = async (n: number) => {
      for (let i = 0; i < n; i++) await many1(i);
      return await lua.measure();
    };
    const many1 = (i: number) =>
      i % 3 === 0
        ? lua.values(`local r = h.echo({ ${i} }) return r`)
        : i % 3 === 1
          ? lua.failure('error({ n = 1 })')
          : lua.values('return pcall(h.refuse)');
    const before = await many(300);
    const after = await many(3000);
    expect(after.threads).toBe(0);
    expect(after.luaBytes - before.luaBytes).toBeLessThan(8_000);
    expect(after.memoryBytes).toBe(before.memoryBytes);
  });

  test('2000 scripts that wait share one thread', async () => {
    const results = await Promise.all(Array.from({ length: 2000 }, (_, i) => lua.values(`return h.later(${i}) + h.later(1)`)));
    expect(results.map(([value]) => value)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect((await lua.measure()).threads).toBe(0);
  });

  test('dozens of interpreters come and go', async () => {
    for (let i = 0; i < 20; i++) {
      const one = await openBench();
      expect(await one.values('return h.later(1)')).toEqual([1]);
      await one.close();
    }
  });
});
