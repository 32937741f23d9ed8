import { Buffer } from 'node:buffer';
import { allocate, type LuaApi, LuaPanic, LuaType, Mark, REGISTRY } from './api.js';

/**
 * Values between Lua and JavaScript.
 *
 * | Lua | JavaScript |
 * |---|---|
 * | nil | undefined |
 * | `null` | null |
 * | integer | number, bigint beyond ±(2^53 − 1) |
 * | float | number |
 * | string | string; Uint8Array where it is not UTF-8 |
 * | table with keys 1…n | array |
 * | table with string keys | object |
 * | empty table | object; array where it came from one or from `data.list` |
 * | function | handed to `onFunction` |
 *
 * A JavaScript number that is an integer up to 2^53 becomes an integer, any other a float. Metamethods are not asked.
 */
export interface Codec {
  /** Pushes one value. @throws CodecError, LuaPanic */
  push(L: number, value: unknown): void;
  /** Reads the value at a stack index and leaves the stack as it was. @throws CodecError */
  read(L: number, index: number, onFunction?: (L: number, index: number) => unknown): unknown;
  /** Text for people: never fails, whatever bytes there are. */
  text(L: number, index: number): string;
}

export class CodecError extends Error {}

export interface CodecOptions {
  /** Registry reference of the metatable that marks a table as a list. */
  listMark: number;
  /** What a function given back to Lua stands for: pushes it and says so. */
  pushFunction?: (L: number, value: object) => boolean;
}

const MAX_DEPTH = 200;
/** Values and bytes in one crossing. */
const MAX_VALUES = 1_000_000;
const MAX_BYTES = 64 * 1024 * 1024;
const SCRATCH = 64 * 1024;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function createCodec(api: LuaApi, { listMark, pushFunction }: CodecOptions): Codec {
  const scratch = api._malloc(SCRATCH);
  const lengthAt = api._malloc(8);

  function pushBytes(L: number, bytes: Uint8Array): void {
    const pointer = bytes.length <= SCRATCH ? scratch : allocate(api, bytes.length);
    try {
      api.HEAPU8.set(bytes, pointer);
      api._lua_pushlstring(L, pointer, bytes.length);
    } finally {
      if (pointer !== scratch) api._free(pointer);
    }
  }

  function pushText(L: number, text: string): void {
    // A UTF-16 unit has three bytes of UTF-8 at most.
    if (text.length * 3 > SCRATCH) {
      pushBytes(L, encoder.encode(text));
      return;
    }
    const { written } = encoder.encodeInto(text, api.HEAPU8.subarray(scratch, scratch + SCRATCH));
    api._lua_pushlstring(L, scratch, written);
  }

  function bytesAt(L: number, index: number): Uint8Array {
    const pointer = api._lua_tolstring(L, index, lengthAt);
    return api.HEAPU8.subarray(pointer, pointer + (api.HEAPU32[lengthAt >> 2] as number));
  }

  function push(L: number, value: unknown, state: State): void {
    if (++state.values > MAX_VALUES) throw new CodecError(`it has more than ${MAX_VALUES} values`);
    if (api._lua_checkstack(L, 8) === 0) throw new LuaPanic('stack overflow');
    switch (typeof value) {
      case 'undefined':
        api._lua_pushnil(L);
        break;
      case 'boolean':
        api._lua_pushboolean(L, value ? 1 : 0);
        break;
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) api._lua_pushinteger(L, BigInt(value));
        else api._lua_pushnumber(L, value);
        break;
      case 'bigint':
        if (value < INT64_MIN || value > INT64_MAX) throw new CodecError(`${at(state)}the integer has more than 64 bits`);
        api._lua_pushinteger(L, value);
        break;
      case 'string':
        pushText(L, value);
        break;
      case 'object':
        if (value === null) api._lua_pushlightuserdata(L, Mark.null);
        else if (value instanceof Uint8Array) pushBytes(L, value);
        else if (value instanceof Date) pushText(L, value.toISOString());
        else if (pushFunction?.(L, value) !== true) pushObject(L, value, state);
        break;
      default:
        throw new CodecError(`${at(state)}a ${typeof value} cannot be given to Lua`);
    }
  }

  function pushObject(L: number, value: object, state: State): void {
    enter(state, value);
    if (Array.isArray(value)) {
      api._lua_createtable(L, Math.min(value.length, MAX_VALUES), 0);
      for (let i = 0; i < value.length; i++) {
        state.path.push(i + 1);
        push(L, value[i] ?? null, state);
        state.path.pop();
        api._lua_rawseti(L, -2, BigInt(i + 1));
      }
      if (value.length === 0) {
        api._lua_rawgeti(L, REGISTRY, BigInt(listMark));
        api._lua_setmetatable(L, -2);
      }
    } else {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== null && prototype !== Object.prototype)
        throw new CodecError(`${at(state)}a ${value.constructor?.name ?? 'special object'} cannot be given to Lua`);
      const keys = Object.keys(value);
      api._lua_createtable(L, 0, keys.length);
      for (const key of keys) {
        const member = (value as Record<string, unknown>)[key];
        if (member === undefined) continue;
        pushText(L, key);
        state.path.push(key);
        push(L, member, state);
        state.path.pop();
        api._lua_rawset(L, -3);
      }
    }
    leave(state, value);
  }

  function read(L: number, index: number, state: State, onFunction?: (L: number, index: number) => unknown): unknown {
    if (++state.values > MAX_VALUES) throw new CodecError(`it has more than ${MAX_VALUES} values`);
    switch (api._lua_type(L, index)) {
      case LuaType.boolean:
        return api._lua_toboolean(L, index) !== 0;
      case LuaType.number: {
        if (api._lua_isinteger(L, index) === 0) return api._lua_tonumberx(L, index, 0);
        const integer = api._lua_tointegerx(L, index, 0);
        const number = Number(integer);
        return Number.isSafeInteger(number) ? number : integer;
      }
      case LuaType.string:
        return readString(L, index, state);
      case LuaType.table:
        return readTable(L, index, state, onFunction);
      case LuaType.function:
        if (onFunction !== undefined) return onFunction(L, index);
        throw new CodecError(`${at(state)}it is a function`);
      case LuaType.lightUserdata:
        if (api._lua_touserdata(L, index) === Mark.null) return null;
        throw new CodecError(`${at(state)}it is no data`);
      case LuaType.thread:
        throw new CodecError(`${at(state)}it is a coroutine`);
      case LuaType.userdata:
        throw new CodecError(`${at(state)}it is userdata`);
      default:
        return undefined;
    }
  }

  function readString(L: number, index: number, state: State): string | Uint8Array {
    const bytes = bytesAt(L, index);
    state.bytes += bytes.length;
    if (state.bytes > MAX_BYTES) throw new CodecError(`it has more than ${MAX_BYTES / 1024 / 1024} MiB of text`);
    try {
      return decoder.decode(bytes);
    } catch {
      return bytes.slice();
    }
  }

  function readTable(L: number, index: number, state: State, onFunction?: (L: number, index: number) => unknown): unknown {
    if (api._lua_checkstack(L, 8) === 0) throw new LuaPanic('stack overflow');
    const table = index < 0 ? api._lua_gettop(L) + index + 1 : index;
    const identity = api._lua_topointer(L, table);
    enter(state, identity);
    const value = api._lua_rawlen(L, table) > 0n ? readList(L, table, state, onFunction) : readMembers(L, table, state, onFunction);
    leave(state, identity);
    return value;
  }

  function readList(L: number, table: number, state: State, onFunction?: (L: number, index: number) => unknown): unknown[] {
    const length = Number(api._lua_rawlen(L, table));
    const items: unknown[] = [];
    for (let i = 1; i <= length; i++) {
      const type = api._lua_rawgeti(L, table, BigInt(i));
      state.path.push(i);
      if (type === LuaType.nil) throw new CodecError(`${at(state)}the list has a hole; write null where nothing is meant to be`);
      items.push(read(L, -1, state, onFunction));
      state.path.pop();
      api._lua_settop(L, -2);
    }
    // A key beyond the list shows it to be none.
    let keys = 0;
    for (api._lua_pushnil(L); api._lua_next(L, table) !== 0; api._lua_settop(L, -2)) {
      keys++;
      if (api._lua_type(L, -2) === LuaType.number && api._lua_isinteger(L, -2) !== 0) {
        const key = api._lua_tointegerx(L, -2, 0);
        if (key >= 1n && key <= length) continue;
        throw new CodecError(`${at(state)}the list has a hole before item ${key}; write null where nothing is meant to be`);
      }
      throw new CodecError(`${at(state)}the table has list items and the name ${keyText(L)}; it can be a list or an object, not both`);
    }
    if (keys !== length) throw new CodecError(`${at(state)}the list has a hole`);
    return items;
  }

  function readMembers(L: number, table: number, state: State, onFunction?: (L: number, index: number) => unknown): unknown {
    const members: { [key: string]: unknown } = {};
    let empty = true;
    for (api._lua_pushnil(L); api._lua_next(L, table) !== 0; api._lua_settop(L, -2)) {
      empty = false;
      const key = api._lua_type(L, -2) === LuaType.string ? readString(L, -2, state) : undefined;
      if (typeof key !== 'string')
        throw new CodecError(`${at(state)}the key ${keyText(L)} is neither a text nor a position of a list that begins at 1`);
      state.path.push(key);
      const member = read(L, -1, state, onFunction);
      state.path.pop();
      if (key === '__proto__') Object.defineProperty(members, key, { value: member, enumerable: true, configurable: true, writable: true });
      else members[key] = member;
    }
    return empty && isMarkedList(L, table) ? [] : members;
  }

  function isMarkedList(L: number, table: number): boolean {
    if (api._lua_getmetatable(L, table) === 0) return false;
    api._lua_rawgeti(L, REGISTRY, BigInt(listMark));
    const same = api._lua_rawequal(L, -1, -2) !== 0;
    api._lua_settop(L, -3);
    return same;
  }

  /** The key of the pair on top of the stack, without changing it: lua_next needs it as it is. */
  function keyText(L: number): string {
    switch (api._lua_type(L, -2)) {
      case LuaType.string:
        return `"${Buffer.from(bytesAt(L, -2).slice(0, 100)).toString()}"`;
      case LuaType.number:
        return api._lua_isinteger(L, -2) !== 0 ? String(api._lua_tointegerx(L, -2, 0)) : String(api._lua_tonumberx(L, -2, 0));
      default:
        return 'that is no text';
    }
  }

  return {
    push(L, value) {
      const top = api._lua_gettop(L);
      try {
        push(L, value, newState());
      } catch (thrown) {
        api._lua_settop(L, top);
        throw thrown;
      }
    },
    read(L, index, onFunction) {
      const top = api._lua_gettop(L);
      try {
        return read(L, index, newState(), onFunction);
      } finally {
        api._lua_settop(L, top);
      }
    },
    text: (L, index) => (api._lua_type(L, index) === LuaType.string ? Buffer.from(bytesAt(L, index)).toString() : ''),
  };
}

interface State {
  values: number;
  bytes: number;
  path: (string | number)[];
  /** What is being crossed right now: objects, or addresses of tables. */
  open: Set<unknown>;
}

const newState = (): State => ({ values: 0, bytes: 0, path: [], open: new Set() });

function enter(state: State, identity: unknown): void {
  if (state.open.has(identity)) throw new CodecError(`${at(state)}the table contains itself`);
  if (state.open.size >= MAX_DEPTH) throw new CodecError(`it is nested deeper than ${MAX_DEPTH} levels`);
  state.open.add(identity);
}

function leave(state: State, identity: unknown): void {
  state.open.delete(identity);
}

function at({ path }: State): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 60)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `at ${text.length > 200 ? `…${text.slice(-200)}` : text}: `;
}
