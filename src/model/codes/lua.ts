import type { CodeFacts } from '../errors.js';

export const luaCodes = {
  LUA_SYNTAX: { class: 'input', summary: 'A script is not Lua 5.4.' },
  LUA_ERROR: { class: 'input', summary: 'A Lua script raised an error that nothing in it caught.' },
  LUA_VALUE: {
    class: 'input',
    summary:
      'A Lua value cannot be handed over: it contains itself, is too deep or too large, or is a table with holes, with mixed keys or of something that is no data.',
  },
  LUA_CANNOT_WAIT: {
    class: 'input',
    summary:
      'A function that takes time was called where Lua cannot wait: in the function given to table.sort or string.gsub, for example.',
  },
  LUA_TIME_LIMIT: { class: 'input', summary: 'A Lua script computed longer without a pause than it may.' },
  LUA_MEMORY_LIMIT: { class: 'input', summary: 'A Lua script wanted more memory than it may have.' },
  LUA_MODULE_NOT_FOUND: {
    class: 'input',
    summary: 'A Lua script requires a module or a file that does not exist, or that lies outside its folder.',
  },
  LUA_ENDED: {
    class: 'environment',
    summary: 'The interpreter of a Lua script has ended, so that its functions cannot be called any more.',
  },
} satisfies Record<string, CodeFacts>;
