import { type LuaApi, LuaPanic, LuaType, loadLua, Mark, onFull, REGISTRY, Status, withBytes } from './api.js';
import { type Codec, CodecError, createCodec } from './codec.js';
import { prelude } from './prelude.js';
import { type Failure, Flag, type FromWorker, now31, type PlainError, type StartData, Stop, type ToWorker } from './protocol.js';
import { syntaxError } from './syntax.js';

/** Instructions between two looks at the flags. */
const HOOK_INSTRUCTIONS = 20_000;
const MASK_COUNT = 8;
/** What may be said in one go where nobody can wait. */
const MAX_SAID = 10_000;
const MAX_SAID_CHARACTERS = 1024 * 1024;

interface Range {
  what: 'argument' | 'result';
  L: number;
  from: number;
  to: number;
}

interface Run {
  id: number;
  slot: number;
  L: number;
  ref: number;
  /** The call that it waits for. */
  call: number | undefined;
  file: string | undefined;
}

const encoder = new TextEncoder();

/** An interpreter of Lua that runs threads and sends out what they call. One in a thread of the machine. */
export async function createMachine(start: StartData, send: (message: FromWorker) => void): Promise<(message: ToWorker) => void> {
  const api = await loadLua(start.memoryBytes);
  const flags = new Int32Array(start.flags);
  const runs = new Map<number, Run>();
  const resultCount = api._malloc(4);
  let calls = 0;
  let current: Run | undefined;
  let saidNow = 0;
  let saidCharacters = 0;

  const main = newState(api);
  const codec = openCodec();
  // Before the first thread is made: threads have the hook of who makes them.
  api._lua_sethook(main.L, api.addFunction(hook, 'vii'), MASK_COUNT, HOOK_INSTRUCTIONS);
  const functions = openPrelude();
  onFull(api, collect);

  function openCodec(): Codec {
    api._lua_createtable(main.L, 0, 1);
    main.listMark = api._luaL_ref(main.L, REGISTRY);
    return createCodec(api, {
      listMark: main.listMark,
      pushFunction(L, value) {
        const fn = (value as Record<string, unknown>)[start.functionKey];
        if (typeof fn !== 'number') return false;
        api._lua_rawgeti(L, REGISTRY, BigInt(fn));
        return true;
      },
    });
  }

  function openPrelude(): { run: number; start: number; collect: number } {
    const { L } = main;
    load(L, prelude, '=[evenkeel]');
    api._lua_pushlightuserdata(L, Mark.call);
    api._lua_pushlightuserdata(L, Mark.cancelled);
    api._lua_pushlightuserdata(L, Mark.null);
    api._lua_rawgeti(L, REGISTRY, BigInt(main.listMark));
    api._lua_pushcclosure(L, api.addFunction(emit, 'ii'), 0);
    protect(L, 5, 1);
    const table = api._luaL_ref(L, REGISTRY);
    const member = (name: string) => {
      api._lua_rawgeti(L, REGISTRY, BigInt(table));
      codec.push(L, name);
      rawGet(L);
      return api._luaL_ref(L, REGISTRY);
    };
    const define = member('define');
    for (const { name, functions: ids, global } of start.modules) {
      api._lua_rawgeti(L, REGISTRY, BigInt(define));
      codec.push(L, name);
      codec.push(L, ids);
      codec.push(L, global);
      protect(L, 3, 0);
    }
    if (start.frontend !== undefined) {
      load(L, start.frontend, '=[evenkeel]');
      api._lua_rawgeti(L, REGISTRY, BigInt(table));
      protect(L, 1, 0);
    }
    return { run: member('run'), start: member('start'), collect: member('collect') };
  }

  function collect(): void {
    api._lua_rawgeti(main.L, REGISTRY, BigInt(functions.collect));
    protect(main.L, 0, 0);
  }

  /** Replaces a table and a key on top of the stack by the value. */
  function rawGet(L: number): void {
    const key = codec.text(L, -1);
    api._lua_settop(L, -2);
    for (api._lua_pushnil(L); api._lua_next(L, -2) !== 0; api._lua_settop(L, -2))
      if (api._lua_type(L, -2) === LuaType.string && codec.text(L, -2) === key) {
        api._lua_rotate(L, -3, 1);
        api._lua_settop(L, -3);
        return;
      }
    throw new Error(`the prelude has no ${key}`);
  }

  function load(L: number, source: string, name: string): void {
    const status = compile(L, source, name);
    if (status !== Status.ok) throw new Error(codec.text(L, -1));
  }

  function protect(L: number, args: number, results: number): void {
    if (api._lua_pcallk(L, args, results, 0, 0, 0) !== Status.ok) throw new Error(codec.text(L, -1));
  }

  function compile(L: number, source: string, name: string): number {
    return withBytes(api, encoder.encode(source), (pointer) =>
      withBytes(api, encoder.encode(name), (namePointer) =>
        withBytes(api, encoder.encode('t'), (mode) => api._luaL_loadbufferx(L, pointer, encoder.encode(source).length, namePointer, mode)),
      ),
    );
  }

  /** Ends what computes when it is told to, or has computed too long. Runs inside Lua. */
  function hook(L: number): void {
    if (current === undefined) return;
    const slot = Flag.slots + current.slot;
    if (Atomics.load(flags, slot) === Stop.no) {
      if ((now31() - Atomics.load(flags, Flag.since) + 0x80000000) % 0x80000000 < start.computeMs) return;
      Atomics.store(flags, slot, Stop.time);
    }
    api._lua_checkstack(L, 1);
    api._lua_pushlightuserdata(L, Mark.cancelled);
    api._lua_error(L);
  }

  /** Says something from where Lua cannot wait. Runs inside Lua: gives back a problem, or nothing. */
  function emit(L: number): number {
    let problem: string | undefined;
    try {
      if (++saidNow > MAX_SAID) problem = `more than ${MAX_SAID} lines at once`;
      else {
        const args = values({ what: 'argument', L, from: 2, to: api._lua_gettop(L) });
        saidCharacters += charactersOf(args);
        if (saidCharacters > MAX_SAID_CHARACTERS) problem = `more than ${MAX_SAID_CHARACTERS} characters at once`;
        else send({ type: 'say', run: current?.id ?? 0, name: codec.text(L, 1), args });
      }
    } catch (thrown) {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (problem === undefined) return 0;
    codec.push(L, problem);
    return 1;
  }

  function values({ what, L, from, to }: Range, onFunction?: (L: number, index: number) => unknown): unknown[] {
    const found: unknown[] = [];
    for (let index = from; index <= to; index++) {
      try {
        found.push(codec.read(L, index, onFunction));
      } catch (thrown) {
        if (thrown instanceof CodecError) throw new CodecError(`${what} ${index - from + 1}: ${thrown.message}`);
        throw thrown;
      }
    }
    return found;
  }

  function keepFunction(L: number, index: number): unknown {
    api._lua_pushvalue(L, index);
    return { [start.functionKey]: api._luaL_ref(L, REGISTRY) };
  }

  function begin(id: number, slot: number, file: string | undefined, push: (L: number) => number): void {
    const run: Run = { id, slot, L: 0, ref: 0, call: undefined, file };
    runs.set(id, run);
    occupy(run);
    run.L = api._lua_newthread(main.L);
    run.ref = api._luaL_ref(main.L, REGISTRY);
    go(run, push);
  }

  /** Resumes a thread with what `push` puts on its stack, and sees to what it does next. */
  function go(run: Run, push: (L: number) => number): void {
    occupy(run);
    try {
      let args: number | undefined = pushed(run, push);
      while (args !== undefined) {
        const status = resume(run, args);
        if (status === Status.yield) args = yielded(run);
        else {
          finish(run, status);
          return;
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof LuaPanic)) throw thrown;
      end(run, { kind: 'memory', file: run.file });
    } finally {
      Atomics.store(flags, Flag.current, -1);
      current = undefined;
    }
  }

  /** From here on time counts as the run's: garbage that is collected on the way can have finalizers that do not end. */
  function occupy(run: Run): void {
    current = run;
    saidNow = 0;
    saidCharacters = 0;
    Atomics.store(flags, Flag.since, now31());
    Atomics.store(flags, Flag.current, run.slot);
  }

  function pushed({ L }: Run, push: (L: number) => number): number {
    const top = api._lua_gettop(L);
    try {
      return push(L);
    } catch (thrown) {
      if (!(thrown instanceof CodecError)) throw thrown;
      api._lua_settop(L, top);
      return pushError(L, { code: 'LUA_VALUE', message: `a result cannot be given to Lua: ${thrown.message}` });
    }
  }

  function resume(run: Run, args: number): number {
    occupy(run);
    return api._lua_resume(run.L, 0, args, resultCount);
  }

  const stopped = (run: Run) => Atomics.load(flags, Flag.slots + run.slot);

  /** @returns the number of arguments where the thread goes on at once */
  function yielded(run: Run): number | undefined {
    const { L } = run;
    const count = api.HEAPU32[resultCount >> 2] as number;
    const top = api._lua_gettop(L);
    const first = top - count + 1;
    const isCall = count > 0 && api._lua_type(L, first) === LuaType.lightUserdata && api._lua_touserdata(L, first) === Mark.call;
    if (!isCall) {
      api._lua_settop(L, top - count);
      return pushError(L, { code: 'LUA_ERROR', message: 'coroutine.yield is called outside of a coroutine' });
    }
    const name = codec.text(L, first + 1);
    if (stopped(run) !== Stop.no) {
      api._lua_settop(L, top - count);
      return pushStop(L);
    }
    if (name === '#compile') return compileFor(run, first);
    if (name === '#tick') {
      api._lua_settop(L, top - count);
      run.call = ++calls;
      const call = calls;
      setImmediate(() => {
        if (runs.get(run.id) === run && run.call === call) reply(run, pushGo);
      });
      return undefined;
    }
    let args: unknown[];
    let hasFunctions = false;
    try {
      args = values({ what: 'argument', L, from: first + 2, to: top }, (state, index) => {
        hasFunctions = true;
        return keepFunction(state, index);
      });
    } catch (thrown) {
      api._lua_settop(L, top - count);
      if (thrown instanceof CodecError)
        return pushError(L, { code: 'LUA_VALUE', message: `a value cannot be handed over: ${thrown.message}` });
      throw thrown;
    }
    api._lua_settop(L, top - count);
    run.call = ++calls;
    send({ type: 'call', run: run.id, call: calls, name, args, functions: hasFunctions });
    return undefined;
  }

  function compileFor(run: Run, first: number): number {
    const { L } = run;
    const source = codec.text(L, first + 2);
    const file = codec.text(L, first + 3);
    api._lua_settop(L, first - 1);
    api._lua_checkstack(L, 4);
    api._lua_pushboolean(L, 1);
    const status = compile(L, source, `@${file}`);
    if (status === Status.ok) return 2;
    const problem = codec.text(L, -1);
    api._lua_settop(L, first - 1);
    if (status !== Status.syntax) return pushError(L, { code: 'LUA_MEMORY_LIMIT', message: problem });
    return pushError(
      L,
      syntaxError(source, file, problem, (other) => {
        const ok = compile(L, other, `@${file}`) === Status.ok;
        const text = ok ? undefined : codec.text(L, -1);
        api._lua_settop(L, first - 1);
        return text;
      }),
    );
  }

  function pushError(L: number, error: PlainError): number {
    api._lua_checkstack(L, 4);
    api._lua_pushboolean(L, 0);
    codec.push(L, error);
    return 2;
  }

  function pushGo(L: number): number {
    api._lua_pushboolean(L, 1);
    return 1;
  }

  function pushStop(L: number): number {
    api._lua_checkstack(L, 4);
    api._lua_pushboolean(L, 0);
    api._lua_pushlightuserdata(L, Mark.cancelled);
    return 2;
  }

  function finish(run: Run, status: number): void {
    const { L } = run;
    const top = api._lua_gettop(L);
    const first = top - (api.HEAPU32[resultCount >> 2] as number) + 1;
    if (status !== Status.ok) end(run, failureText(codec.text(L, -1), run));
    else if (api._lua_toboolean(L, first) !== 0) give(run, first + 1, top);
    else if (api._lua_type(L, first + 1) === LuaType.string) end(run, failureText(codec.text(L, first + 1), run));
    else end(run, readReport(L, first + 1, run));
  }

  function give(run: Run, from: number, to: number): void {
    let functions = false;
    let results: unknown[];
    try {
      results = values({ what: 'result', L: run.L, from, to }, (state, index) => {
        functions = true;
        return keepFunction(state, index);
      });
    } catch (thrown) {
      if (!(thrown instanceof CodecError)) throw thrown;
      end(run, { kind: 'value', message: thrown.message });
      return;
    }
    release(run);
    send({ type: 'done', run: run.id, values: results, functions });
  }

  function readReport(L: number, index: number, run: Run): Failure {
    // Where there was no room for a report, what was raised is all there is.
    if (api._lua_type(L, index) !== LuaType.table)
      return stopped(run) === Stop.no
        ? { kind: 'error', message: 'an error that is no data', file: run.file, trace: '' }
        : { kind: 'stopped', why: stopped(run), file: run.file };
    let report: { [name: string]: unknown };
    try {
      report = codec.read(L, index, () => 'function') as { [name: string]: unknown };
    } catch {
      // What was raised is no data: its text will do.
      dropMember(L, index, 'value');
      try {
        report = codec.read(L, index, () => 'function') as { [name: string]: unknown };
      } catch (thrown) {
        return { kind: 'error', message: `an error that is no data: ${(thrown as Error).message}`, file: run.file, trace: '' };
      }
    }
    const text = (name: string) => textOf(report[name]);
    const at = {
      ...(report['file'] === undefined ? {} : { file: text('file') }),
      ...(typeof report['line'] === 'number' ? { line: report['line'] } : {}),
      trace: text('trace'),
    };
    if (report['kind'] === 'stopped') {
      const why = stopped(run);
      // A script can only have taken the mark from another one of its threads that was stopped.
      return why === Stop.no ? { kind: 'error', message: 'a mark was raised as an error', ...at } : { kind: 'stopped', why, ...at };
    }
    if (report['kind'] === 'failure') {
      const error = report['failure'] as PlainError;
      return error.code === 'LUA_SYNTAX' ? { kind: 'syntax', error } : { kind: 'host', error, trace: text('trace') };
    }
    const message = text('message');
    const short = text('short');
    const parsed = /^([^\n]*?):(\d+): ([\s\S]*)$/.exec(message);
    const own = parsed !== null && parsed[1] === short;
    return {
      kind: 'error',
      message: own ? (parsed[3] as string) : message,
      ...at,
      ...(own ? { line: Number(parsed[2]) } : {}),
      ...(report['value'] === undefined ? {} : { value: report['value'] }),
    };
  }

  function dropMember(L: number, index: number, name: string): void {
    codec.push(L, name);
    api._lua_pushnil(L);
    api._lua_rawset(L, index);
  }

  const failureText = (message: string, run: Run): Failure =>
    message === 'not enough memory' ? { kind: 'memory', file: run.file } : { kind: 'error', message, file: run.file, trace: '' };

  function end(run: Run, failure: Failure): void {
    release(run);
    if (failure.kind !== 'error' && failure.kind !== 'host') collect();
    send({ type: 'failed', run: run.id, failure });
  }

  function release(run: Run): void {
    runs.delete(run.id);
    api._lua_resetthread(run.L);
    api._luaL_unref(main.L, REGISTRY, run.ref);
  }

  function reply(run: Run, push: (L: number) => number): void {
    run.call = undefined;
    go(run, push);
  }

  return (message) => {
    switch (message.type) {
      case 'start':
        return begin(message.run, message.slot, message.file, (L) => {
          for (const ref of [functions.run, functions.start]) api._lua_rawgeti(L, REGISTRY, BigInt(ref));
          codec.push(L, message.source);
          codec.push(L, message.file);
          return 3;
        });
      case 'run':
        return begin(message.run, message.slot, undefined, (L) => {
          api._lua_checkstack(L, message.args.length + 8);
          for (const ref of [functions.run, message.fn]) api._lua_rawgeti(L, REGISTRY, BigInt(ref));
          for (const arg of message.args) codec.push(L, arg);
          return 1 + message.args.length;
        });
      case 'reply': {
        const run = runs.get(message.run);
        if (run === undefined || run.call !== message.call) return;
        return reply(run, (L) => {
          if (!message.ok) return pushError(L, message.error);
          api._lua_checkstack(L, message.values.length + 8);
          api._lua_pushboolean(L, 1);
          for (const value of message.values) codec.push(L, value);
          return 1 + message.values.length;
        });
      }
      case 'cancel': {
        const run = runs.get(message.run);
        if (run?.call !== undefined) reply(run, pushStop);
        return;
      }
      case 'release':
        return api._luaL_unref(main.L, REGISTRY, message.fn);
      case 'measure':
        return send({ type: 'measured', id: message.id, luaBytes: luaBytes(), memoryBytes: api.HEAPU8.length, threads: runs.size });
    }
  };

  /** After a full collection, so that only what is kept counts. */
  function luaBytes(): number {
    const { L } = main;
    collect();
    load(L, 'collectgarbage() return math.floor(collectgarbage("count") * 1024)', '=[evenkeel]');
    protect(L, 0, 1);
    const bytes = codec.read(L, -1) as number;
    api._lua_settop(L, -2);
    return bytes;
  }
}

function charactersOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (value === null || typeof value !== 'object') return 8;
  return Object.entries(value).reduce((sum, [key, member]) => sum + key.length + charactersOf(member), 0);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString() : '');

/** A state with the libraries that scripts have; of debug only what the prelude takes from it is left. */
function newState(api: LuaApi): { L: number; listMark: number } {
  const L = api._luaL_newstate();
  if (L === 0) throw new LuaPanic('not enough memory');
  api._lua_atpanic(
    L,
    api.addFunction((state) => {
      const pointer = api._lua_tolstring(state as number, -1, 0);
      let text = '';
      for (let at = pointer; pointer !== 0 && api.HEAPU8[at] !== 0 && text.length < 200; at++)
        text += String.fromCharCode(api.HEAPU8[at] as number);
      throw new LuaPanic(text);
    }, 'ii'),
  );
  const libraries = {
    _G: 'base',
    coroutine: 'coroutine',
    table: 'table',
    string: 'string',
    utf8: 'utf8',
    math: 'math',
    os: 'os',
    debug: 'debug',
  };
  for (const [name, library] of Object.entries(libraries)) {
    const open = (api as unknown as Record<string, (L: number) => number>)[`_luaopen_${library}`] as (L: number) => number;
    withBytes(api, encoder.encode(name), (pointer) =>
      api._luaL_requiref(
        L,
        pointer,
        api.addFunction((state) => open(state as number), 'ii'),
        1,
      ),
    );
    api._lua_settop(L, 0);
  }
  return { L, listMark: 0 };
}
