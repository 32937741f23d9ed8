/** What the thread of an interpreter and the rest of the program say to each other. */

/** An error as it crosses threads and goes into Lua. */
export interface PlainError {
  code: string;
  message: string;
  hint?: string;
  where?: { [name: string]: unknown };
  details?: { [name: string]: unknown };
}

export interface ModuleTable {
  name: string;
  /** By name in Lua: `!id` for functions nobody waits for, `:id` for all others. */
  functions: { [name: string]: string };
  /** There without `require`. */
  global: boolean;
}

export interface StartData {
  memoryBytes: number;
  /** Milliseconds of computing without a pause. */
  computeMs: number;
  /** A key that stands for a function in data; known to nobody else. */
  functionKey: string;
  modules: ModuleTable[];
  /** Lua that runs with the prelude's privileges: gets the prelude's table. */
  frontend: string | undefined;
  /** Two words of state, then one for each slot. */
  flags: SharedArrayBuffer;
}

/** Words of `flags`. */
export const Flag = {
  /** Slot of the run that computes, or −1. */
  current: 0,
  /** When it began to, in milliseconds of the epoch modulo 2^31. */
  since: 1,
  slots: 2,
} as const;

export const SLOTS = 8192;

export const now31 = () => Date.now() % 0x80000000;

/** Values of a slot. */
export const Stop = { no: 0, cancel: 1, time: 2 } as const;

export type ToWorker =
  | { type: 'start'; run: number; slot: number; source: string; file: string }
  | { type: 'run'; run: number; slot: number; fn: number; args: unknown[] }
  | { type: 'reply'; run: number; call: number; ok: true; values: unknown[] }
  | { type: 'reply'; run: number; call: number; ok: false; error: PlainError }
  | { type: 'cancel'; run: number }
  | { type: 'release'; fn: number }
  | { type: 'measure'; id: number };

export type FromWorker =
  | { type: 'ready' }
  | { type: 'call'; run: number; call: number; name: string; args: unknown[]; functions: boolean }
  | { type: 'say'; run: number; name: string; args: unknown[] }
  | { type: 'done'; run: number; values: unknown[]; functions: boolean }
  | { type: 'failed'; run: number; failure: Failure }
  | { type: 'measured'; id: number; luaBytes: number; memoryBytes: number; threads: number }
  | { type: 'fatal'; message: string };

export type Failure =
  /** Cancelled, or out of time to compute. */
  | { kind: 'stopped'; why: number; file?: string; line?: number; trace?: string }
  | { kind: 'memory'; file?: string }
  | { kind: 'host'; error: PlainError; trace: string }
  | { kind: 'value'; message: string }
  | { kind: 'syntax'; error: PlainError }
  | { kind: 'error'; message: string; file?: string; line?: number; trace: string; value?: unknown };
