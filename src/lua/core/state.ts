import { type LuaApi, LuaPanic, LuaType, Mark, REGISTRY, Status, withBytes } from './api.js';
import { type Codec, createCodec } from './codec.js';
import { prelude } from './prelude.js';
import type { StartData } from './protocol.js';

export interface State {
  L: number;
  codec: Codec;
  /** Registry references of functions of the prelude. */
  functions: { run: number; start: number; collect: number };
  /** Compiles Lua of ours and leaves it on the stack. */
  load(source: string): void;
  /** Calls what is on the stack. @throws Error with Lua's message */
  protect(args: number, results: number): void;
}

const encoder = new TextEncoder();

/**
 * A state in which the prelude, the modules and the front end have run.
 * @param emit says something where Lua cannot wait; it is called within Lua
 */
export function openState(api: LuaApi, start: StartData, emit: (L: number) => number): State {
  const L = newState(api);
  api._lua_createtable(L, 0, 1);
  const listMark = api._luaL_ref(L, REGISTRY);
  const codec = createCodec(api, {
    listMark,
    pushFunction(thread, value) {
      const fn = (value as Record<string, unknown>)[start.functionKey];
      if (typeof fn !== 'number') return false;
      api._lua_rawgeti(thread, REGISTRY, BigInt(fn));
      return true;
    },
  });
  const load = (source: string) => {
    if (compile(api, L, { source, name: '=[evenkeel]' }) !== Status.ok) throw new Error(codec.text(L, -1));
  };
  const protect = (args: number, results: number) => {
    if (api._lua_pcallk(L, args, results, 0, 0, 0) !== Status.ok) throw new Error(codec.text(L, -1));
  };

  load(prelude);
  for (const mark of [Mark.call, Mark.cancelled, Mark.null]) api._lua_pushlightuserdata(L, mark);
  api._lua_rawgeti(L, REGISTRY, BigInt(listMark));
  api._lua_pushcclosure(L, api.addFunction(emit, 'ii'), 0);
  protect(5, 1);
  const table = api._luaL_ref(L, REGISTRY);
  const member = (name: string) => {
    api._lua_rawgeti(L, REGISTRY, BigInt(table));
    replaceByMember(api, codec, { L, name });
    return api._luaL_ref(L, REGISTRY);
  };
  const define = member('define');
  for (const { name, functions, global } of start.modules) {
    api._lua_rawgeti(L, REGISTRY, BigInt(define));
    for (const value of [name, functions, global]) codec.push(L, value);
    protect(3, 0);
  }
  if (start.frontend !== undefined) {
    load(start.frontend);
    api._lua_rawgeti(L, REGISTRY, BigInt(table));
    protect(1, 0);
  }
  return { L, codec, functions: { run: member('run'), start: member('start'), collect: member('collect') }, load, protect };
}

/** Puts a member of the table on top of the stack in its place. */
function replaceByMember(api: LuaApi, codec: Codec, { L, name }: { L: number; name: string }): void {
  for (api._lua_pushnil(L); api._lua_next(L, -2) !== 0; api._lua_settop(L, -2))
    if (api._lua_type(L, -2) === LuaType.string && codec.text(L, -2) === name) {
      api._lua_rotate(L, -3, 1);
      api._lua_settop(L, -3);
      return;
    }
  throw new Error(`the prelude has no ${name}`);
}

/** Compiles source text. @returns Lua's status; the function or the message is on the stack */
export function compile(api: LuaApi, L: number, { source, name }: { source: string; name: string }): number {
  const bytes = encoder.encode(source);
  return withBytes(api, bytes, (pointer) =>
    withBytes(api, encoder.encode(name), (namePointer) =>
      withBytes(api, encoder.encode('t'), (mode) => api._luaL_loadbufferx(L, pointer, bytes.length, namePointer, mode)),
    ),
  );
}

/** A state with the libraries that scripts have; of debug only what the prelude takes from it is left. */
function newState(api: LuaApi): number {
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
  return L;
}
