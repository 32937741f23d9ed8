/**
 * What every interpreter runs before any script: it takes away what a script must not have, and makes calls of the
 * host look like plain calls. A call yields `mark, function, arguments…` to whoever resumes the thread, and is
 * resumed with `true, results…` or `false, error`; a coroutine of the script hands such a yield on to its resumer.
 *
 * A cancelled thread is resumed with, or interrupted by, a value of its own that pcall, xpcall and coroutine.resume
 * pass on instead of returning it.
 *
 * The chunk gets (call mark, cancelled mark, null, list mark, emit) and gives back a table of functions for the machine.
 */
export const prelude = String.raw`
local CALL <const>, CANCELLED <const>, NULL <const>, LIST <const>, emit <const> = ...
local coroutine, debug, string, table, os = coroutine, debug, string, table, os
local yield, resume, create = coroutine.yield, coroutine.resume, coroutine.create
local close, status, isyieldable, running = coroutine.close, coroutine.status, coroutine.isyieldable, coroutine.running
local getinfo, traceback, setmeta = debug.getinfo, debug.traceback, debug.setmetatable
local error, load, pcall, xpcall, rawequal, rawget = error, load, pcall, xpcall, rawequal, rawget
local select, setmetatable, getmetatable, tostring, type, next = select, setmetatable, getmetatable, tostring, type, next
local concat, pack, find, sub = table.concat, table.pack, string.find, string.sub

-- Where the script is: the innermost frame that is not of this file.
local mains = setmetatable({}, { __mode = 'k' })
local function place(level)
  while true do
    local info = getinfo(level, 'Sl')
    if info == nil then
      -- All of it was left by tail calls: where the function begins is the best there is.
      local f = mains[running()]
      info = f and getinfo(f, 'S')
      if not info or sub(info.source, 1, 1) ~= '@' then return nil end
      return sub(info.source, 2), info.linedefined > 0 and info.linedefined or nil, info.short_src
    end
    if info.currentline > 0 and info.source ~= '=[evenkeel]' then
      return sub(info.source, 1, 1) == '@' and sub(info.source, 2) or info.short_src, info.currentline, info.short_src
    end
    level = level + 1
  end
end

-- Errors of the host: tables with code, message and hint that can be printed and joined to a text.
local Failure = { __name = 'error', __metatable = false }
local function describe(e)
  if type(e) == 'table' and getmetatable(e) == false and rawget(e, 'code') ~= nil then return rawget(e, 'code') .. ': ' .. rawget(e, 'message') end
  return tostring(e)
end
Failure.__tostring = describe
Failure.__concat = function(a, b) return describe(a) .. describe(b) end

local failures = setmetatable({}, { __mode = 'k' })
local function raise(e)
  if rawequal(e, CANCELLED) then error(e, 0) end
  if e.where == nil or e.where.file == nil then
    local file, line = place(3)
    if file ~= nil then
      e.where = e.where or {}
      e.where.file, e.where.line = file, line
    end
  end
  failures[e] = true
  error(setmetatable(e, Failure), 0)
end

local function finish(ok, ...)
  if ok then return ... end
  raise((...))
end

local cannot_wait = 'is called where Lua cannot wait: in a function given to table.sort or string.gsub, or in a __tostring or __gc'
local function no_wait(name)
  return { code = 'LUA_CANNOT_WAIT', message = name .. ' ' .. cannot_wait, hint = 'Call it before, and use its result there.' }
end

local names = {}
local function call(id, ...)
  if not isyieldable() then raise(no_wait(names[id] or id)) end
  return finish(yield(CALL, id, ...))
end

-- For what nobody waits for: it works everywhere.
local function say(id, ...)
  if isyieldable() then return finish(yield(CALL, id, ...)) end
  local problem = emit(id, ...)
  if problem ~= nil then raise({ code = 'LUA_VALUE', message = problem }) end
end

-- Coroutines.
local waiting = setmetatable({}, { __mode = 'k' })
local hand
local function on(c, ...)
  waiting[c] = nil
  return hand(c, resume(c, ...))
end
function hand(c, ok, tag, ...)
  if ok and rawequal(tag, CALL) then
    if not isyieldable() then return hand(c, resume(c, false, no_wait(names[(...)] or (...)))) end
    waiting[c] = true
    return on(c, yield(CALL, ...))
  end
  if not ok and rawequal(tag, CANCELLED) then error(CANCELLED, 0) end
  return ok, tag, ...
end
local function resume_coroutine(c, ...)
  if type(c) == 'thread' and waiting[c] then return false, 'cannot resume a coroutine that waits for a call to return' end
  return hand(c, resume(c, ...))
end
local function unwrap(c, ok, ...)
  if ok then return ... end
  if status(c) == 'dead' then close(c) end
  error((...), 0)
end
coroutine.resume = resume_coroutine
function coroutine.wrap(f)
  local c = create(f)
  return function(...) return unwrap(c, resume_coroutine(c, ...)) end
end
local function passed(ok, e, ...)
  if not ok and rawequal(e, CANCELLED) then error(CANCELLED, 0) end
  return ok, e, ...
end
-- A thread of the host is none that the script could yield from.
function coroutine.yield(...)
  if mains[running()] then error('attempt to yield from outside a coroutine', 2) end
  return yield(...)
end
function coroutine.isyieldable() return isyieldable() and not mains[running()] end
function coroutine.running()
  local c = running()
  return c, mains[c] ~= nil
end
function coroutine.close(c) return passed(close(c)) end

-- Protected calls, which do not hold up a cancellation.
_G.pcall = function(...) return passed(pcall(...)) end
_G.xpcall = function(f, handler, ...)
  return passed(xpcall(f, function(e)
    if rawequal(e, CANCELLED) then return e end
    return handler(e)
  end, ...))
end

-- Only source text is loaded.
_G.load = function(chunk, name, mode, ...)
  if mode ~= nil and not find(mode, 't', 1, true) then return nil, 'only source text can be loaded (mode "t")' end
  -- Errors in load go to the handler of whoever called it, so it is called without one.
  local ok, f, problem = pcall(load, chunk, name or (type(chunk) == 'string' and chunk or '=(load)'), 't', ...)
  if not ok then error(f, 0) end
  if f == nil and rawequal(problem, CANCELLED) then error(CANCELLED, 0) end
  return f, problem
end
_G.dofile, _G.loadfile, _G.debug = nil, nil, nil
string.dump = nil
_G.os = { time = os.time, date = os.date, clock = os.clock, difftime = os.difftime }

-- null, and the other marks.
debug.setmetatable(NULL, {
  __name = 'null',
  __metatable = false,
  __tostring = function(v) return rawequal(v, NULL) and 'null' or 'mark' end,
})
_G.null = NULL
local Mark = LIST
Mark.__name = 'list'

-- print and io: lines go to the log, and what was said last is the question of a read.
local texts = setmetatable({}, { __mode = 'k' })
local asked = setmetatable({}, { __mode = 'k' })
local function joined(separator, ...)
  local parts = pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return concat(parts, separator, 1, parts.n)
end
function _G.print(...)
  local thread = running()
  local text = (texts[thread] or '') .. joined('\t', ...)
  texts[thread], asked[thread] = nil, text
  say('print', text)
end
function _G.warn(...)
  local text = joined('', ...)
  if sub(text, 1, 1) ~= '@' then say('warn', text) end
end
local function write(...)
  local thread = running()
  local text = (texts[thread] or '') .. joined('', ...)
  local start = 1
  while true do
    local stop = find(text, '\n', start, true)
    if stop == nil then break end
    asked[thread] = sub(text, start, stop - 1)
    say('print', asked[thread])
    start = stop + 1
  end
  text = sub(text, start)
  texts[thread] = text ~= '' and text or nil
end
local function read(format)
  local thread = running()
  local unfinished = texts[thread]
  local question = unfinished or asked[thread] or ''
  texts[thread], asked[thread] = nil, nil
  return call('read', question, unfinished == nil, format == nil and 'l' or format)
end
local stream = { write = function(self, ...) write(...) return self end, flush = function(self) return self end, close = function() return true end }
_G.io = {
  read = read,
  write = function(...) write(...) return stream end,
  stdout = setmetatable({}, { __index = stream, __name = 'stream' }),
  stderr = setmetatable({}, { __index = stream, __name = 'stream' }),
  stdin = setmetatable({ read = function(_, format) return read(format) end }, { __name = 'stream' }),
}

-- Modules and files.
local loaded, loading = {}, {}
local function compile(source, file) return finish(yield(CALL, '#compile', source, file)) end
function _G.require(name)
  if type(name) ~= 'string' then error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ')', 2) end
  if loaded[name] ~= nil then return loaded[name] end
  local file, source = call('require', name, (place(2)))
  if loaded[file] ~= nil then return loaded[file], file end
  while loading[file] do
    if loading[file] == running() then error('"' .. name .. '" requires itself, directly or by what it requires', 2) end
    finish(yield(CALL, '#tick'))
    if loaded[file] ~= nil then return loaded[file], file end
  end
  loading[file] = running()
  local guard <close> = setmetatable({}, { __close = function() loading[file] = nil end })
  local value = compile(source, file)(name, file)
  if value == nil then value = true end
  loaded[file] = value
  return value, file
end
local function define(module, functions, global)
  local members = {}
  for name, id in next, functions do
    local kind = sub(id, 1, 1)
    id = sub(id, 2)
    names[id] = module .. '.' .. name
    members[name] = kind == '!' and function(...) return say(id, ...) end or function(...) return call(id, ...) end
  end
  loaded[module] = members
  if global then _G[module] = members end
end

-- What an error was, for the host.
local function report(e)
  local trace = traceback('', 2)
  local file, line, short = place(2)
  if rawequal(e, CANCELLED) then return { kind = 'stopped', file = file, line = line, trace = trace } end
  if type(e) == 'table' and failures[e] then
    if e.where == nil or e.where.file == nil then
      e.where = e.where or {}
      e.where.file, e.where.line = file, line
    end
    return { kind = 'failure', failure = setmeta(e, nil), trace = trace }
  end
  local message, value
  if type(e) == 'string' then
    message = e
  elseif type(e) == 'table' then
    local text = getmetatable(e) and getmetatable(e).__tostring and select(2, pcall(tostring, e)) or rawget(e, 'message') or rawget(e, 'msg')
    message = type(text) == 'string' and text or 'a table was raised as an error'
    value = e
  else
    message = e == nil and 'nil was raised as an error' or 'the ' .. type(e) .. ' ' .. tostring(e) .. ' was raised as an error'
  end
  return { kind = 'error', message = message, file = file, line = line, short = short, trace = trace, value = value }
end
-- A line that was not ended is one nevertheless.
local function flush()
  local thread = running()
  local text = texts[thread]
  texts[thread], asked[thread] = nil, nil
  if text ~= nil then say('print', text) end
end
local function ended(...)
  pcall(flush)
  return ...
end
local function run(f, ...)
  mains[running()] = f
  return ended(xpcall(f, report, ...))
end
local function start(source, file, ...) return compile(source, file)(...) end

return { run = run, start = start, define = define, call = call, place = place, raise = raise, loaded = loaded, collect = collectgarbage }
`;
