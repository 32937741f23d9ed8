import { LuaPanic, LuaType, loadLua, Mark, onFull, REGISTRY, Status } from './api.js';
import { CodecError } from './codec.js';
import { type Failure, Flag, type FromWorker, now31, type PlainError, type StartData, Stop, type ToWorker } from './protocol.js';
import { readReport, textFailure } from './report.js';
import { compile, openState } from './state.js';
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

  const main = openState(api, start, emit);
  const { codec, functions } = main;
  // Before the first thread is made: threads have the hook of who makes them.
  api._lua_sethook(main.L, api.addFunction(hook, 'vii'), MASK_COUNT, HOOK_INSTRUCTIONS);
  onFull(api, collect);

  function collect(): void {
    api._lua_rawgeti(main.L, REGISTRY, BigInt(functions.collect));
    main.protect(0, 0);
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
    const status = compile(api, L, { source, name: `@${file}` });
    if (status === Status.ok) return 2;
    const problem = codec.text(L, -1);
    api._lua_settop(L, first - 1);
    if (status !== Status.syntax) return pushError(L, { code: 'LUA_MEMORY_LIMIT', message: problem });
    return pushError(
      L,
      syntaxError(source, file, problem, (other) => {
        const ok = compile(api, L, { source: other, name: `@${file}` }) === Status.ok;
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
    if (status !== Status.ok) end(run, textFailure(codec.text(L, -1), run.file));
    else if (api._lua_toboolean(L, first) !== 0) give(run, first + 1, top);
    else if (api._lua_type(L, first + 1) === LuaType.string) end(run, textFailure(codec.text(L, first + 1), run.file));
    else end(run, readReport({ api, codec }, { L, index: first + 1, file: run.file, why: stopped(run) }));
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
    main.load('collectgarbage() return math.floor(collectgarbage("count") * 1024)');
    main.protect(0, 1);
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
