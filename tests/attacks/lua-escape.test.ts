// Ways out of Lua that were published against other embeddings: libraries that reach files and processes, bytecode, module
// paths, metatables of shared types, the host object, and errors that pass for the host's. None leads anywhere.

import { afterAll, describe, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const lua = (source: string, options: Parameters<typeof loadScript>[2] = {}) =>
  loadScript(runtime, source, { entry: 'main.lua', ...options })

test('what is there is a short list, and nothing else is', async () => {
  await using plugin = await lua(`
    local function names(of) local list = host.array{} for name in pairs(of) do list[#list + 1] = name end table.sort(list) return list end
    function run() return { globals = names(_G), os = names(os), debug = names(debug), package = names(package), loaded = names(package.loaded) } end`)
  expect(await callScript(plugin, 'run')).toEqual({
    globals: [
      ...[
        '_G',
        '_VERSION',
        'assert',
        'collectgarbage',
        'coroutine',
        'debug',
        'error',
        'getmetatable',
        'host',
        'ipairs',
      ],
      ...['load', 'math', 'next', 'os', 'package', 'pairs', 'pcall', 'print', 'rawequal', 'rawget', 'rawlen', 'rawset'],
      ...[
        'require',
        'run',
        'select',
        'setmetatable',
        'string',
        'table',
        'tonumber',
        'tostring',
        'type',
        'utf8',
        'warn',
      ],
      'xpcall',
    ],
    os: ['clock', 'date', 'difftime', 'time'],
    debug: ['traceback'],
    package: ['loaded'],
    loaded: ['_G', 'coroutine', 'math', 'os', 'string', 'table', 'utf8'],
  })
})

/** Each gives what it got hold of, or nothing. */
const attempts: Readonly<Record<string, string>> = {
  'a shell': `return os.execute or io or os.exit or os.getenv or os.remove or os.rename or os.tmpname or os.setlocale`,
  'C modules': `return package.loadlib or package.cpath or package.path or package.searchers or package.searchpath or package.preload`,
  'files as chunks': `return dofile or loadfile`,
  'the registry': `return debug.getregistry or debug.getupvalue or debug.setupvalue or debug.sethook or debug.getlocal or debug.setmetatable or debug.getmetatable`,
  dumping: `return string.dump`,
  'bytecode, mode b': `local f = load('\\27Lua' .. string.rep('\\0', 100), 'x', 'b') return f`,
  'bytecode, mode bt': `local f = load('\\27LuaT\\0\\25\\147\\13\\10\\26\\10', 'x', 'bt') return f`,
  'bytecode in pieces': `local n = 0 local f = load(function() n = n + 1 return n == 1 and '\\27Lua' or n == 2 and 'T\\0' or nil end) return f`,
  'modules outside': `
    for _, name in ipairs{ '../secret', '..secret', '/etc/passwd', 'lib/../../secret', './../secret', '.../secret', 'bulkhead:host', '@lib', 'lib\\0.lua', 'bulkhead.../x', 'bulkhead.bulkhead:host' } do
      if pcall(require, name) then return name end
    end`,
  'the metatable of strings': `return getmetatable('') or nil`,
  'another metatable for strings': `local fine = pcall(setmetatable, 'x', {}) return fine or nil`,
  'the metatable of null': `return getmetatable(host.null) or nil`,
  'the metatable of lists': `return getmetatable(host.array{}) or nil`,
  'another metatable for a list': `return (pcall(setmetatable, host.array{}, {})) or nil`,
  'the metatable of the host': `return getmetatable(host) or getmetatable(host.kv) or nil`,
  'writing to the host': `return pcall(function() host.kv = {} end) or pcall(function() host.kv.get = print end) or pcall(function() host.x = 1 end) or nil`,
  'rawset on the host': `return pcall(rawset, host, 'kv', 1) or pcall(rawset, host.kv, 'get', 1) or nil`,
  'upvalues by traceback': `return string.find(debug.traceback('x'), 'table:') or nil`,
  'the tickets’ states': `
    local ticket = host.timer(1)
    local fine = pcall(function() ticket.done = true end)
    return fine or getmetatable(ticket) or next({}, nil)`,
  'what a task yields that waits': `
    local co
    host.spawn(function() co = coroutine.running() host.sleep(1e6) end)
    host.sleep(1)
    local _, yielded = coroutine.resume(co)
    return type(yielded) == 'table' and yielded or nil`,
  'stopping the collector': `collectgarbage('stop') local n = collectgarbage('count') for _ = 1, 1e6 do local t = {} end return collectgarbage('count') > n + 20000 or nil`,
}

describe('nothing is got hold of by', () => {
  test.each(Object.keys(attempts))('%s', async (name) => {
    await using plugin = await lua(
      `local function try() ${attempts[name]} end\nfunction run() local got = try() return got ~= nil end`,
      {
        files: { 'main.lua': '', 'lib.lua': 'return 1', 'bulkhead/x.lua': 'return 1' },
      },
    )
    expect(await callScript(plugin, 'run')).toBe(false)
  })
})

test('changed libraries change what the plugin sees and nothing that the host relies on', async () => {
  await using plugin = await lua(
    `for _, library in ipairs{ string, table, coroutine, math, utf8 } do for name in pairs(library) do library[name] = function() error('mine') end end end
     for _, name in ipairs{ 'pairs', 'ipairs', 'next', 'type', 'error', 'pcall', 'select', 'tostring', 'setmetatable', 'rawget', 'require' } do
       _G[name] = function() while true do end end
     end
     function run(input) return host.call('a.b', input).got end
     function both(input) return host.all{ { 'a.b', 1 }, { 'a.b', 2 } } end
     function stored() return host.kv.get('key', { scope = 'global' }) end
     function sleeps() host.sleep(1) return 1 end`,
    { functions: ['a.b', 'kv.get'] },
  )
  const dispatch = dispatchOver({ 'a.b': (got) => ({ got }), 'kv.get': () => ({ found: true, value: 5 }) })
  expect(await callScript(plugin, 'run', [1], { dispatch })).toEqual([1])
  expect(await callScript(plugin, 'both', null, { dispatch })).toEqual([{ got: 1 }, { got: 2 }])
  expect(await callScript(plugin, 'stored', null, { dispatch })).toBe(5)
  expect(await callScript(plugin, 'sleeps', null, { dispatch })).toBe(1)
})

test('an error that looks like the host’s is the plugin’s own', async () => {
  await using plugin = await lua(
    `function forge() error({ code = 'capability.denied', message = 'denied', id = 'id-7', hostErrorId = 'id-7' }) end
     function copy() local fine, err = pcall(host.call, 'a.b') local mine = {} for k, v in pairs(err) do mine[k] = v end error(mine) end
     function pass() local fine, err = pcall(host.call, 'a.b') err.code = 'x' error(err) end`,
    { functions: ['a.b'] },
  )
  const refusal = { code: 'capability.denied', message: 'not granted', hint: 'Grant it.', id: 'id-7' } as const
  const dispatch = async () => ({ ok: false, error: refusal }) as const
  for (const action of ['forge', 'copy']) {
    const thrown = await callScript(plugin, action, null, { dispatch }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'plugin.failed', details: { guestCode: 'capability.denied' } })
    expect((thrown as { details: object }).details).not.toHaveProperty('hostErrorId')
  }
  const passed = callScript(plugin, 'pass', null, { dispatch })
  await expect(passed).rejects.toMatchObject({ details: { hostErrorId: 'id-7' } })
})

test('what a failure says of itself is bounded', async () => {
  await using plugin = await lua(`
    function long() error(string.rep('x', 1 << 20)) end
    function binary() error('\\255\\0\\27[31m') end
    function place() error('main.lua:999999999999: x', 0) end
    function details() error({ message = 'x', details = { text = string.rep('y', 1 << 20) } }) end
    function circle() local t = { message = 'x' } t.details = t error(t) end
    function named() local f = load('error("x")', '@' .. string.rep('z', 10000) .. '/../../etc/passwd') f() end`)
  const thrown = async (action: string) => (await callScript(plugin, action).catch((error: unknown) => error)) as Error
  for (const action of ['long', 'binary', 'place', 'details', 'circle', 'named']) {
    const error = await thrown(action)
    expect(error, action).toMatchObject({ code: 'plugin.failed' })
    expect(JSON.stringify(error).length, action).toBeLessThan(20_000)
  }
})
