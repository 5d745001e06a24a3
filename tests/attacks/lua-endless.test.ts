// Lua that never ends: in its own code, in native functions, in patterns, in metamethods, finalizers and coroutines, also
// where the plugin catches whatever it can. Each ends with the wall limit, and the next call is answered.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
function ok() return 'alive' end
function loop() while true do end end
function jump() ::again:: goto again end
function counted() for index = 1, math.huge do end end
function stepless() for index = 1, 2, 1e-300 do end end
function catching() while true do pcall(function() while true do end end) end end
function handler() xpcall(error, function() while true do end end) end
function swallowing()
  local function again() return pcall(function() while true do pcall(loop) end end) end
  while true do coroutine.wrap(again)() end
end
function metamethod() return setmetatable({}, { __index = function(t, k) while true do end end }).x end
function chain() local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k .. 'x'] end while true do pcall(function() return t.x end) end end
function finalizer()
  setmetatable({}, { __gc = function() while true do end end })
  collectgarbage()
  while true do local t = {} end
end
function closing() local x <close> = setmetatable({}, { __close = function() while true do end end }) error('x') end
function shown() error(setmetatable({}, { __tostring = function() while true do end end })) end
function pattern() return string.find(string.rep('a', 1 << 16), string.rep('a-', 30) .. 'b') end
function replacing() return string.gsub(string.rep('a', 1 << 22), '.-b', '') end
function sorting() local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end end
function comparing() table.sort({ 1, 2, 3, 4, 5, 6, 7, 8 }, function() while true do end end) end
function moving() local t = setmetatable({}, { __index = function() return 1 end, __newindex = function() end }) table.move(t, 1, math.maxinteger - 1, 2) end
function joining() return table.concat(setmetatable({}, { __len = function() return 1 << 40 end, __index = function() return '' end })) end
function unpacking() while true do pcall(table.unpack, {}, 1, 1 << 19) end end
function coroutines() while true do local co = coroutine.wrap(function() while true do coroutine.yield() end end) for _ = 1, 100 do co() end end end
function tasks() local t = host.spawn(function() while true do coroutine.yield() end end) host.wait(t) end
function sleeping() host.sleep(1e12) end
function timers() while true do host.sleep(1) end end
function json() local text = '[' .. string.rep('1,', 1 << 18) .. '1]' local j = require 'bulkhead.json' while true do j.decode(text) end end
function utf() while true do for _ in utf8.codes(string.rep('é', 1 << 16)) do end end end
function loading() while true do load(string.rep('x = 1 ', 10000)) end end
`

const endless = [...source.matchAll(/^function (\w+)/gm)].map(([, name]) => name ?? '').filter((name) => name !== 'ok')

let plugin: LoadedPlugin
beforeAll(async () => {
  plugin = await loadScript(runtime, source, { entry: 'a.lua' })
})

test.each(endless)('%s ends with the wall limit', async (action) => {
  await expect(callScript(plugin, action, null, { wallMs: 300 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

// Loading has ten seconds at the least. Each has a runtime of its own, so that none waits for the thread of another.
test.concurrent.each([
  ['a top level', 'while true do end'],
  ['a top level that catches', 'while true do pcall(function() while true do end end) end'],
  ['a finalizer after the top level', 'setmetatable({}, { __gc = function() while true do end end })'],
])('%s that never ends is refused at load', async (_name, text) => {
  await using own = makeScriptRuntime()
  const loading = loadScript(own, text, { entry: 'a.lua', limits: { wallMs: 300 } })
  await expect(loading).rejects.toMatchObject({ code: 'limit.time' })
})

test('waiting for what will never be done is a failure at once', async () => {
  const text = `function run() return host.wait(host.spawn(function() coroutine.close(coroutine.running()) end)) end
    function lost() local co host.spawn(function() co = coroutine.running() host.sleep(1) end) host.sleep(0) return 1 end`
  await using alone = await loadScript(runtime, text, { entry: 'a.lua' })
  await expect(callScript(alone, 'lost')).resolves.toBe(1)
})

test('fuel is counted, and nothing in the plugin can catch its end', async () => {
  await using alone = await loadScript(runtime, source, { entry: 'a.lua', limits: { fuel: 20_000_000 } })
  for (const action of ['loop', 'catching', 'swallowing']) {
    await expect(callScript(alone, action), action).rejects.toMatchObject({ code: 'limit.fuel' })
  }
  expect(await callScript(alone, 'ok')).toBe('alive')
})

test('a cancelled call ends, and the plugin cannot catch that', async () => {
  for (const action of ['catching', 'swallowing', 'timers']) {
    const abort = new AbortController()
    const call = callScript(plugin, action, null, { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    await expect(call, action).rejects.toMatchObject({ code: expect.stringMatching(/^call\.|^plugin\.|Abort/) })
  }
})
