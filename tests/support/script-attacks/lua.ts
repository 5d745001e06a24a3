// The classes of attacks in Lua.

import type { LanguageAttacks } from './classes.ts'

/** See the file's head. */
export const luaAttacks: LanguageAttacks = {
  entry: 'index.lua',
  head: `
local function try(list) local got = host.array{} for name, run in pairs(list) do local fine, value = pcall(run) if fine and value then got[#got + 1] = name end end return got end
`,
  action: (name, body) => `function ${name}()\n${body}\nend\n`,
  attempts: {
    'constructor chains': { none: { lacks: 'values have no constructors; see prototypes and metatables' } },
    'prototypes and metatables': {
      'shared types': {
        reaches: `return try{
          strings = function() return getmetatable('') end,
          set = function() return setmetatable('', {}) end,
          null = function() return getmetatable(host.null) end,
          host = function() return getmetatable(host) or getmetatable(host.kv) end }`,
      },
      'the host object': {
        reaches: `return try{
          write = function() host.kv = 1 return host.kv == 1 end,
          raw = function() rawset(host, 'kv', 1) return host.kv == 1 end,
          method = function() rawset(host.kv, 'get', print) return host.kv.get == print end }`,
      },
      'an endless __index': {
        ends: `local t = {} setmetatable(t, { __index = function(self, key) return self[key .. 'x'] end }) return t.a`,
        codes: ['limit.stack', 'limit.memory', 'plugin.failed'],
      },
      'a __gc that never ends': {
        ends: `setmetatable({}, { __gc = function() while true do end end }) while true do local t = {} end`,
        codes: ['limit.time'],
      },
      'a __close that never ends': {
        ends: `do local x <close> = setmetatable({}, { __close = function() while true do end end }) end`,
        codes: ['limit.time'],
      },
    },
    'inspection of errors and stacks': {
      debug: {
        reaches: `return try{
          registry = function() return debug.getregistry end, upvalue = function() return debug.getupvalue or debug.setupvalue or debug.upvaluejoin end,
          hook = function() return debug.sethook end, locals = function() return debug.getlocal or debug.setlocal end, info = function() return debug.getinfo end }`,
      },
      'addresses and paths of the host': {
        reaches: `local _, failed = pcall(host.call, 'no.such')
          local _, trace = xpcall(function() error('x') end, debug.traceback)
          local text = tostring(failed) .. tostring(trace) .. debug.traceback()
          return try{ modules = function() return text:find('packages/', 1, true) or text:find('node:', 1, true) or text:find('.js:', 1, true) end }`,
      },
    },
    iterators: {
      'one that never ends': { ends: `for _ in function() return 1 end do end`, codes: ['limit.time'] },
      'a table that grows under next': {
        ends: `local t = setmetatable({}, { __pairs = function(t) return function(_, n) return (n or 0) + 1 end, t end }) for _ in pairs(t) do end`,
        codes: ['limit.time'],
      },
    },
    'promises and coroutines': {
      'wrapped in each other': {
        ends: `local function down() return coroutine.wrap(down)() end return down()`,
        codes: ['limit.stack', 'limit.memory', 'plugin.failed'],
      },
      'closing what runs': {
        reaches: `return try{ running = function() return (coroutine.close(coroutine.running())) end }`,
      },
      'a loop under pcall in a coroutine': {
        ends: `while true do coroutine.resume(coroutine.create(function() pcall(function() while true do end end) end)) end`,
        codes: ['limit.time'],
      },
    },
    'dynamic code': {
      'load in an environment': {
        reaches: `return try{
          io = function() return load('return io or os.execute or os.getenv or package.loadlib')() end,
          plain = function() return load('return io', 'x', 't', {})() end,
          files = function() return loadfile or dofile end }`,
      },
    },
    'module loaders': {
      require: {
        reaches: `local list = {}
          for _, name in ipairs{ 'io', 'debug.x', '../secret', '/etc/passwd', './index', 'ffi', 'jit', 'bulkhead:host', 'C:x' } do list[name] = function() return require(name) end end
          list.loaders = function() return package.loadlib or package.searchers or package.cpath or package.preload end
          return try(list)`,
      },
    },
    bytecode: {
      load: {
        reaches: `return try{
          dump = function() return string.dump end,
          binary = function() return load('\\27LuaT\\0\\25\\147\\13\\10\\26\\10\\4\\8\\8', 'x', 'b') end,
          both = function() return load('\\27LuaT\\0\\25\\147\\13\\10\\26\\10\\4\\8\\8', 'x', 'bt') end,
          pieces = function() local n = 0 return load(function() n = n + 1 return ({ '\\27', 'LuaT' })[n] end) end }`,
      },
    },
    'patterns that explode': {
      find: {
        ends: `return string.find(string.rep('a', 64), string.rep('a*', 64) .. 'b')`,
        codes: ['limit.time', 'plugin.failed'],
      },
      'lazy repetition': {
        ends: `return string.match(string.rep('a', 1 << 16), string.rep('.-', 200) .. 'b')`,
        codes: ['limit.time', 'plugin.failed'],
      },
      gsub: {
        ends: `while true do string.gsub(string.rep('a', 1 << 16), '(a*)(a*)(a*)b', '%1') end`,
        codes: ['limit.time'],
      },
    },
    'repeated texts': {
      'string.rep': { ends: `return #string.rep('x', 1 << 30)`, codes: ['limit.memory', 'plugin.failed'] },
      doubling: { ends: `local text = 'x' while true do text = text .. text end`, codes: ['limit.memory'] },
      format: {
        ends: `return #string.rep(string.format('%99.99f', 1e308), 1 << 24)`,
        codes: ['limit.memory', 'plugin.failed'],
      },
    },
    'deep recursion': {
      calls: {
        ends: `local function down(n) return 1 + down(n + 1) end return down(0)`,
        codes: ['limit.stack', 'limit.memory', 'plugin.failed'],
      },
      'native calls': {
        ends: `local function down() return string.gsub('a', 'a', down) end return (down())`,
        codes: ['limit.stack', 'plugin.failed'],
      },
      'a source that is nested': {
        ends: `return assert(load('return ' .. string.rep('(', 1e5) .. '1' .. string.rep(')', 1e5)))()`,
        codes: ['limit.stack', 'plugin.failed'],
      },
      'under pcall': {
        ends: `local function down() pcall(down) pcall(down) end down() while true do down() end`,
        codes: ['limit.time', 'limit.stack', 'limit.memory'],
      },
    },
    'native loops': {
      sort: {
        ends: `local many = {} for i = 1, 3e5 do many[i] = i end while true do table.sort(many, function() return math.random() < 0.5 end) end`,
        codes: ['limit.time', 'plugin.failed'],
      },
      'table.concat and unpack': {
        ends: `local many = {} for i = 1, 1e5 do many[i] = 'x' end while true do local t = table.concat(many) end`,
        codes: ['limit.time'],
      },
    },
    'allocation bombs': {
      tables: { ends: `local all = {} while true do all[#all + 1] = { all, {} } end`, codes: ['limit.memory'] },
      coroutines: {
        ends: `local all = {} while true do all[#all + 1] = coroutine.create(function() end) end`,
        codes: ['limit.memory'],
      },
      'caught every time': {
        ends: `local all = {} while true do pcall(function() while true do all[#all + 1] = string.rep('x', 1 << 12) .. #all end end) end`,
        codes: ['limit.time', 'limit.memory'],
      },
    },
    'code that never ends': {
      'a loop': { ends: `while true do end`, codes: ['limit.time'] },
      goto: { ends: `::again:: goto again`, codes: ['limit.time'] },
      'one that catches everything': {
        ends: `while true do pcall(function() while true do end end) xpcall(function() while true do end end, function() while true do end end) end`,
        codes: ['limit.time'],
      },
    },
  },
}
