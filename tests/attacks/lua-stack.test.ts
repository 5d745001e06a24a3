// Deep recursion in Lua: plain, through protected calls, metamethods, native functions, coroutines, the compiler, patterns
// and JSON. Each is a clean error, which the plugin may catch, or ends the call as limit.stack; never a trap of another kind.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
function ok() return 'alive' end
function plain() local function f() return 1 + f() end return f() end
function mutual() local f, g f = function() return (g()) end g = function() return (f()) end return f() end
function metamethods() local t = setmetatable({}, { __index = function(t, k) return t[k] end }) return t.x end
function arithmetic() local t = setmetatable({}, { __add = function(a, b) return a + b end }) return t + 1 end
function concatenation() local t = setmetatable({}, { __concat = function(a, b) return a .. b end }) return t .. 'x' end
function comparison() local t = setmetatable({}, { __lt = function(a, b) return a < b end }) return t < t end
function calling() local t t = setmetatable({}, { __call = function(self) return (self()) end }) return t() end
function texts() local t = setmetatable({}, { __tostring = function(t) return tostring(t) end }) return tostring(t) end
function sorting() local function f() table.sort({ 2, 1 }, f) end f() end
function replacing() local function f() return (string.gsub('a', 'a', f)) end return f() end
function requiring() local function f() local v = load('local v = f() return v', 'x', 't', { f = f })() return v end return f() end
function coroutines() local function f() return coroutine.wrap(f)() end return f() end
function spawning() local function f() return host.wait(host.spawn(f)) end return f() end
function closing() local function f() local x <close> = setmetatable({}, { __close = f }) end return f() end
function printing() local function f() print(setmetatable({}, { __tostring = f })) end return f() end
function collecting() local function f() setmetatable({}, { __gc = f }) collectgarbage() return f() + 1 end return f() end
function returning() local t = {} for _ = 1, 1e5 do t = { t } end return t end
function sending() local t = {} t.t = t host.call('a.b', t) end
function decoding() require('bulkhead.json').decode(string.rep('[', 1e6)) end
function compiling() assert(load(string.rep('(', 1e6) .. '1' .. string.rep(')', 1e6))) end
function blocks() assert(load(string.rep('do ', 1e5) .. string.rep('end ', 1e5))) end
function functions() assert(load('return ' .. string.rep('function() return ', 1e5) .. string.rep(' end', 1e5))) end
function matching() return string.find(string.rep('x', 1e6), string.rep('(', 31) .. string.rep('.?', 1e5)) end
function chains() local t = {} for _ = 1, 1e5 do t = setmetatable({}, { __index = t }) end return t.x end
`

const recursions = [...source.matchAll(/^function (\w+)/gm)]
  .map(([, name]) => name ?? '')
  .filter((name) => name !== 'ok')

/** What a plugin may be told of as an error of its own, where Lua says more than that it recursed. */
const ownErrors =
  /overflow|too (?:many|long)|nested deeper|levels|loop; possible|pattern too complex|too complex|malformed/

describe.each(['thread', 'inline'] as const)('%s', (boundary) => {
  let plugin: LoadedPlugin
  beforeAll(async () => {
    plugin = await loadScript(runtime, source, { entry: 'a.lua', boundary })
  })

  test.each(recursions)('%s ends in a typed error', async (action) => {
    const outcome = await callScript(plugin, action, null, { wallMs: 20_000 }).then(
      () => ({ code: 'none', message: '' }),
      (error: { code: string; message: string }) => error,
    )
    // Whoever begins something new at each level may run out of memory first.
    if (!['limit.stack', 'limit.memory'].includes(outcome.code)) {
      expect(outcome).toMatchObject({ code: 'plugin.failed', message: expect.stringMatching(ownErrors) })
    }
    expect(await callScript(plugin, 'ok')).toBe('alive')
  })
})

// What recurses through native functions takes the engine's own stack: Lua's bound must come first, so that the plugin can
// catch the error and nothing else ends the call.
const caught = [
  'plain',
  'metamethods',
  'texts',
  'sorting',
  'replacing',
  'requiring',
  'coroutines',
  'calling',
  'printing',
]

describe.each(['thread', 'inline'] as const)('an overflow is the plugin’s own business, %s', (boundary) => {
  let plugin: LoadedPlugin
  beforeAll(async () => {
    const runs = caught.map(
      (name) => `function run_${name}() local fine, message = pcall(${name}) return { fine, tostring(message) } end`,
    )
    plugin = await loadScript(runtime, `${source}\n${runs.join('\n')}`, { entry: 'a.lua', boundary })
  })

  test.each(caught)('in %s', async (name) => {
    const [fine, message] = (await callScript(plugin, `run_${name}`)) as [boolean, string]
    expect(fine).toBe(false)
    expect(message).toMatch(/overflow/)
  })

  test('through nested protected calls', async () => {
    const text = `function run() local depth = 0 local function f() depth = depth + 1 return pcall(f) end f() return depth end`
    await using alone = await loadScript(runtime, text, { entry: 'a.lua', boundary })
    expect(await callScript(alone, 'run')).toBeGreaterThan(100)
  })
})
