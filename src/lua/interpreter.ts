import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { asEvenkeelError, EvenkeelError } from '../model/index.js';
import { type CallOptions, type LuaFunction, markFunction, revive, withMarks } from './core/functions.js';
import {
  type Failure,
  Flag,
  type FromWorker,
  type ModuleTable,
  now31,
  SLOTS,
  type StartData,
  Stop,
  type ToWorker,
} from './core/protocol.js';
import { failureToError, plainError } from './failure.js';

export interface HostCall {
  /** Id of the function, or `print`, `read`, `require`. */
  name: string;
  args: unknown[];
  /** Aborted when the run that calls ends. */
  signal: AbortSignal;
  /** Of the run that calls. */
  context: unknown;
}

export interface InterpreterOptions {
  modules?: ModuleTable[];
  /** Lua of ours that runs before any script and gets the prelude's functions. */
  frontend?: string;
  /** Answers calls: the values that the call returns. What is thrown is raised in Lua. */
  call: (call: HostCall) => unknown[] | Promise<unknown[]>;
  /** Takes what is said where Lua cannot wait for an answer. */
  say?: (call: HostCall) => void;
  limits?: InterpreterLimits;
  /** Has the last word on the errors of runs. */
  explain?: (error: EvenkeelError, context: unknown) => EvenkeelError;
}

export interface InterpreterLimits {
  /** Bytes for everything that Lua has. Default 256 MiB. */
  memoryBytes?: number;
  /** Milliseconds that a script may compute without calling anything. Default 60 000. */
  computeMs?: number;
  /** Milliseconds in which what is told to stop has to. Then the thread ends, and with it all that runs in it. Default 2000. */
  graceMs?: number;
}

/** A Lua interpreter in a thread of its own. Everything of one script runs in it. */
export interface Interpreter {
  /**
   * Runs a chunk.
   * @param file how errors call it
   * @returns what it returns
   * @throws EvenkeelError LUA_*, CANCELLED, or what a call of the host threw
   */
  run(source: string, file: string, options?: CallOptions): Promise<unknown[]>;
  /** What the interpreter holds, after a full collection. */
  measure(): Promise<{ luaBytes: number; memoryBytes: number; threads: number }>;
  /** Ends it at once. What runs is cancelled. */
  close(): Promise<void>;
}

interface Pending {
  id: number;
  slot: number;
  file: string | undefined;
  context: unknown;
  data: boolean;
  abort: AbortController;
  /** Calls of the host belong to whoever began the run. */
  within: <T>(action: () => T) => T;
  /** Why it was told to stop. */
  reason?: EvenkeelError;
  stopping?: NodeJS.Timeout;
  resolve: (values: unknown[]) => void;
  reject: (error: EvenkeelError) => void;
}

const WATCH_MS = 200;
/** JavaScript of the thread: data on its way in and out. */
const HEAP_MIB = 512;

/** @throws EvenkeelError INTERNAL where the interpreter does not start */
export async function openInterpreter(options: InterpreterOptions): Promise<Interpreter> {
  const { memoryBytes = 256 * 1024 * 1024, computeMs = 60_000, graceMs = 2_000 } = options.limits ?? {};
  const functionKey = `\u0000function:${randomUUID()}`;
  const shared = new SharedArrayBuffer(4 * (Flag.slots + SLOTS));
  const flags = new Int32Array(shared);
  flags[Flag.current] = -1;
  const data: StartData = {
    memoryBytes,
    computeMs,
    functionKey,
    modules: options.modules ?? [],
    frontend: options.frontend,
    flags: shared,
  };
  // What the engine below Lua prints is for who builds it; its output is not ours.
  const worker = new Worker(workerFile(), {
    workerData: data,
    env: {},
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const runs = new Map<number, Pending>();
  const measuring = new Map<number, (measured: FromWorker & { type: 'measured' }) => void>();
  const freeSlots = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  const owner = {};
  const released = new FinalizationRegistry((fn: number) => post({ type: 'release', fn }));
  let lastId = 0;
  /** Set when nothing runs any more. */
  let ended: EvenkeelError | undefined;
  let watch: NodeJS.Timeout | undefined;
  let started: ((error?: EvenkeelError) => void) | undefined;

  const ready = new Promise<void>((resolve, reject) => {
    started = (error) => (error === undefined ? resolve() : reject(error));
  });
  worker.on('message', (message: FromWorker) => {
    try {
      receive(message);
    } catch (thrown) {
      endWith(crashed(thrown));
    }
  });
  worker.on('error', (error) => endWith(crashed(error)));
  worker.on('exit', () => endWith(new EvenkeelError('LUA_ENDED', 'the interpreter has ended')));
  await ready;
  rest();

  function post(message: ToWorker): void {
    if (ended === undefined) worker.postMessage(message);
  }

  function receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        started?.();
        break;
      case 'call':
        void answer(message);
        break;
      case 'say': {
        const run = runs.get(message.run);
        run?.within(() => options.say?.({ name: message.name, args: message.args, signal: run.abort.signal, context: run.context }));
        break;
      }
      case 'done':
        settle(message.run, (run) => give(run, message));
        break;
      case 'failed':
        settle(message.run, (run) => run.reject(errorOf(run, message.failure)));
        break;
      case 'measured':
        measuring.get(message.id)?.(message);
        measuring.delete(message.id);
        break;
      case 'fatal':
        endWith(new EvenkeelError('INTERNAL', `the Lua interpreter failed: ${message.message.slice(0, 1000)}`));
    }
  }

  function give(run: Pending, { values, functions }: FromWorker & { type: 'done' }): void {
    const results = functions ? (incoming(values) as unknown[]) : values;
    if (functions && run.data)
      run.reject(explain(new EvenkeelError('LUA_VALUE', 'a value cannot be handed over: a function is no data'), run.context));
    else run.resolve(results);
  }

  const incoming = (value: unknown, from?: Pending) => revive(value, functionKey, (fn) => functionOf(fn, from));

  async function answer({ run: id, call, name, args, functions }: FromWorker & { type: 'call' }): Promise<void> {
    const run = runs.get(id);
    if (run === undefined) return;
    try {
      const given = functions ? (incoming(args, run) as unknown[]) : args;
      const values = await run.within(async () => options.call({ name, args: given, signal: run.abort.signal, context: run.context }));
      post({ type: 'reply', run: id, call, ok: true, values: values.map((value) => withMarks(value, functionKey, owner)) });
    } catch (thrown) {
      const error = isCloneError(thrown)
        ? new EvenkeelError('LUA_VALUE', `a result cannot be given to Lua: ${thrown.message}`)
        : asEvenkeelError(thrown);
      post({ type: 'reply', run: id, call, ok: false, error: plainError(error) });
    }
  }

  /** @param from the run that handed it over: while that waits, what it calls belongs to it and ends with it */
  function functionOf(fn: number, from?: Pending): LuaFunction {
    const call = (args: readonly unknown[], how: CallOptions = {}) => {
      const within = from !== undefined && runs.has(from.id) ? { context: from.context, signal: from.abort.signal } : {};
      return launch({ ...within, ...how }, undefined, (run) => ({
        type: 'run',
        run: run.id,
        slot: run.slot,
        fn,
        args: args.map((arg) => withMarks(arg, functionKey, owner)),
      }));
    };
    const f = Object.assign(async (...args: unknown[]) => (await call(args))[0], { call });
    markFunction(f, owner, fn);
    released.register(f, fn);
    return f;
  }

  function launch(
    { signal, context, data: onlyData = false }: CallOptions,
    file: string | undefined,
    message: (run: Pending) => ToWorker,
  ): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      if (signal?.aborted) return reject(cancellation(signal));
      const slot = freeSlots.pop();
      if (slot === undefined)
        return reject(new EvenkeelError('LUA_ERROR', `more than ${SLOTS} functions of a script run at the same time`));
      flags[Flag.slots + slot] = Stop.no;
      const run: Pending = {
        id: ++lastId,
        slot,
        file,
        context,
        data: onlyData,
        abort: new AbortController(),
        within: AsyncLocalStorage.snapshot(),
        resolve,
        reject,
      };
      runs.set(run.id, run);
      if (signal !== undefined) {
        const onAbort = () => stop(run, Stop.cancel, cancellation(signal));
        signal.addEventListener('abort', onAbort, { once: true });
        run.abort.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
      }
      work();
      try {
        post(message(run));
      } catch (thrown) {
        const error = new EvenkeelError('LUA_VALUE', `an argument cannot be given to Lua: ${(thrown as Error).message}`);
        settle(run.id, () => reject(error));
      }
    });
  }

  /** Tells a run to stop, and ends the thread where it does not listen. */
  function stop(run: Pending, why: number, reason: EvenkeelError): void {
    if (run.reason !== undefined) return;
    run.reason = reason;
    run.abort.abort(reason);
    Atomics.store(flags, Flag.slots + run.slot, why);
    post({ type: 'cancel', run: run.id });
    run.stopping = setTimeout(() => {
      // A run that waits is not told before the one that computes makes room; it need not be.
      if (Atomics.load(flags, Flag.current) !== run.slot) settle(run.id, () => run.reject(reason));
      else endWith(new EvenkeelError('LUA_ENDED', 'the interpreter was ended because a function of the script did not stop'), run);
    }, graceMs);
  }

  function settle(id: number, how: (run: Pending) => void): void {
    const run = runs.get(id);
    if (run === undefined) return;
    runs.delete(id);
    clearTimeout(run.stopping);
    freeSlots.unshift(run.slot);
    run.abort.abort();
    if (runs.size === 0) rest();
    how(run);
  }

  const errorOf = (run: Pending, failure: Failure): EvenkeelError =>
    failure.kind === 'stopped' && failure.why === Stop.cancel && run.reason !== undefined
      ? run.reason
      : explain(failureToError(failure, { computeMs, memoryBytes }), run.context);

  const explain = options.explain ?? ((error: EvenkeelError) => error);

  function endWith(error: EvenkeelError, culprit?: Pending): void {
    if (ended !== undefined) return;
    ended = error;
    started?.(error);
    for (const run of [...runs.values()]) settle(run.id, () => run.reject(run === culprit ? (run.reason ?? error) : error));
    for (const measured of measuring.values()) measured({ type: 'measured', id: 0, luaBytes: 0, memoryBytes: 0, threads: 0 });
    clearInterval(watch);
    watch = undefined;
    void worker.terminate();
  }

  /** While something runs the process stays, and somebody looks at how long it computes. */
  function work(): void {
    worker.ref();
    watch ??= setInterval(() => {
      const slot = Atomics.load(flags, Flag.current);
      if (slot < 0) return;
      const computed = (now31() - Atomics.load(flags, Flag.since) + 0x80000000) % 0x80000000;
      if (computed < computeMs) return;
      for (const run of runs.values())
        if (run.slot === slot && run.reason === undefined)
          stop(run, Stop.time, explain(failureToError({ kind: 'stopped', why: Stop.time }, { computeMs, memoryBytes }), run.context));
    }, WATCH_MS);
  }

  function rest(): void {
    clearInterval(watch);
    watch = undefined;
    worker.unref();
  }

  return {
    run: (source, file, how = {}) => launch(how, file, (run) => ({ type: 'start', run: run.id, slot: run.slot, source, file })),
    measure() {
      const id = ++lastId;
      return new Promise((resolve) => {
        measuring.set(id, ({ luaBytes, memoryBytes: bytes, threads }) => resolve({ luaBytes, memoryBytes: bytes, threads }));
        worker.ref();
        post({ type: 'measure', id });
      });
    },
    async close() {
      endWith(new EvenkeelError('LUA_ENDED', 'the interpreter of the script was closed'));
      await worker.terminate();
    },
  };
}

function cancellation(signal: AbortSignal): EvenkeelError {
  const reason: unknown = signal.reason;
  return reason instanceof EvenkeelError ? reason : new EvenkeelError('CANCELLED', 'cancelled', { cause: reason });
}

function crashed(error: unknown): EvenkeelError {
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new EvenkeelError('LUA_MEMORY_LIMIT', 'the script handed over more data than there is memory for');
  return new EvenkeelError('INTERNAL', `the Lua interpreter failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

const isCloneError = (thrown: unknown): thrown is DOMException => thrown instanceof DOMException && thrown.name === 'DataCloneError';

/** The thread is an entry of its own in dist/: beside this file's chunk, or where tests have built it. */
function workerFile(): string {
  for (const path of ['./lua-worker.js', '../lua-worker.js', '../../dist/lua-worker.js']) {
    const file = fileURLToPath(new URL(path, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new EvenkeelError('INTERNAL', 'lua-worker.js is missing', { hint: 'Build first: npm run build' });
}
