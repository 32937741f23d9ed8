/** Lua's C API in WebAssembly, as far as it is used here. Pointers and states are numbers. */
export interface LuaApi {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  addFunction(f: (...args: number[]) => unknown, signature: string): number;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _luaL_newstate(): number;
  _luaL_requiref(L: number, name: number, open: number, global: number): void;
  _luaL_loadbufferx(L: number, buffer: number, size: number, name: number, mode: number): number;
  _luaL_ref(L: number, table: number): number;
  _luaL_unref(L: number, table: number, ref: number): void;
  _lua_atpanic(L: number, f: number): number;
  _lua_newthread(L: number): number;
  _lua_resetthread(L: number): number;
  _lua_gettop(L: number): number;
  _lua_settop(L: number, index: number): void;
  _lua_pushvalue(L: number, index: number): void;
  _lua_rotate(L: number, index: number, n: number): void;
  _lua_checkstack(L: number, n: number): number;
  _lua_xmove(from: number, to: number, n: number): void;
  _lua_type(L: number, index: number): number;
  _lua_isinteger(L: number, index: number): number;
  _lua_tonumberx(L: number, index: number, isNumber: number): number;
  _lua_tointegerx(L: number, index: number, isNumber: number): bigint;
  _lua_toboolean(L: number, index: number): number;
  _lua_tolstring(L: number, index: number, length: number): number;
  _lua_touserdata(L: number, index: number): number;
  _lua_topointer(L: number, index: number): number;
  _lua_rawequal(L: number, a: number, b: number): number;
  _lua_rawlen(L: number, index: number): bigint;
  _lua_pushnil(L: number): void;
  _lua_pushnumber(L: number, value: number): void;
  _lua_pushinteger(L: number, value: bigint): void;
  _lua_pushlstring(L: number, pointer: number, length: number): number;
  _lua_pushcclosure(L: number, f: number, n: number): void;
  _lua_pushboolean(L: number, value: number): void;
  _lua_pushlightuserdata(L: number, pointer: number): void;
  _lua_createtable(L: number, items: number, members: number): void;
  _lua_rawgeti(L: number, index: number, key: bigint): number;
  _lua_rawset(L: number, index: number): void;
  _lua_rawseti(L: number, index: number, key: bigint): void;
  _lua_getmetatable(L: number, index: number): number;
  _lua_setmetatable(L: number, index: number): number;
  _lua_next(L: number, index: number): number;
  _lua_pcallk(L: number, args: number, results: number, handler: number, context: number, k: number): number;
  _lua_resume(L: number, from: number, args: number, results: number): number;
  _lua_error(L: number): number;
  _lua_sethook(L: number, f: number, mask: number, count: number): void;
}

export const REGISTRY = -1_001_000;

export const LuaType = {
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  userdata: 7,
  thread: 8,
} as const;

export const Status = { ok: 0, yield: 1, error: 2, syntax: 3, memory: 4, inHandler: 5 } as const;

/** Light userdata that mean something. The first is what scripts know as `null`. */
export const Mark = { null: 0, call: 8, cancelled: 16 } as const;

/** What Lua's allocator or the stack ran out of outside of any protected call. */
export class LuaPanic extends Error {}

/**
 * Bytes to hold a chunk or a string for the time of a call.
 * @throws LuaPanic where there is no room
 */
export function withBytes<T>(api: LuaApi, bytes: Uint8Array, use: (pointer: number) => T): T {
  const pointer = allocate(api, bytes.length + 1);
  try {
    api.HEAPU8.set(bytes, pointer);
    api.HEAPU8[pointer + bytes.length] = 0;
    return use(pointer);
  } finally {
    api._free(pointer);
  }
}

const collectors = new WeakMap<LuaApi, () => void>();

/** What makes room where our own allocations find none: Lua does so for its own by itself. */
export function onFull(api: LuaApi, collect: () => void): void {
  collectors.set(api, collect);
}

/** @throws LuaPanic where there is no room */
export function allocate(api: LuaApi, size: number): number {
  let pointer = api._malloc(size);
  if (pointer === 0) {
    collectors.get(api)?.();
    pointer = api._malloc(size);
  }
  if (pointer === 0) throw new LuaPanic('not enough memory');
  return pointer;
}

interface Memory {
  buffer: ArrayBuffer;
  grow(pages: number): number;
}

/**
 * Instantiates the interpreter. To be called once in a thread of its own: it limits every WebAssembly memory of the
 * thread.
 * @param memoryLimit bytes for all that Lua has; beyond it allocations fail, which Lua reports as an error
 */
export async function loadLua(memoryLimit: number): Promise<LuaApi> {
  const { prototype } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly.Memory;
  const grow = prototype.grow;
  prototype.grow = function limited(this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * 65_536 > memoryLimit) throw new RangeError('memory limit');
    return grow.call(this, pages);
  };
  const { LuaFactory } = await import('wasmoon');
  const { module } = await new LuaFactory().getLuaModule();
  return module as unknown as LuaApi;
}
