// A Lua plugin that hides what it saw wherever it can. Copies are used again for speed, so the next call must find each of
// these as at the start; and no two copies draw the same.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
  local hidden, find = 0, string.find
  local hides = {
    upvalue = function() hidden = 99 end,
    global = function() secret = 99 end,
    library = function() string.find = function() return 99 end math.secret = 99 end,
    loaded = function() package.loaded.secret = 99 end,
    metatable = function() setmetatable(_G, { __index = function() return 99 end }) end,
    collector = function() setmetatable({}, { __gc = function() secret = 99 end }) end,
    random = function() math.randomseed(42) end,
    task = function() host.spawn(function() host.sleep(1) secret = 99 end) host.sleep(0) end,
    timer = function() host.timer(1) end,
    coroutine = function() waiting = coroutine.wrap(function() coroutine.yield() secret = 99 end) waiting() end,
    failing = function() secret = 99 error('hidden') end,
    endless = function() secret = 99 local function f() return 1 + f() end f() end,
    memory = function() secret = string.rep('SECRET', 1000) end,
  }
  function hide(way) hides[way]() end
  function look()
    local found = host.array{}
    local function see(name) found[#found + 1] = name end
    if hidden ~= 0 then see 'upvalue' end
    if rawget(_G, 'secret') ~= nil or rawget(_G, 'waiting') ~= nil then see 'global' end
    if string.find ~= find or math.secret ~= nil then see 'library' end
    if package.loaded.secret ~= nil then see 'loaded' end
    if getmetatable(_G) ~= nil then see 'metatable' end
    if math.random(1 << 40) == 0 then see 'random' end
    host.sleep(3)
    if rawget(_G, 'secret') ~= nil then see 'later' end
    return found
  end
  function ways() local list = {} for name in pairs(hides) do list[#list + 1] = name end return list end
  function drawn() return { math.random(1 << 52), math.random(1 << 52), tostring({}) } end`

test.for(['thread', 'inline'] as const)('nothing of one call is there for the next, boundary %s', async (boundary) => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', boundary })
  const ways = (await callScript(plugin, 'ways')) as string[]
  expect(ways).toHaveLength(13)
  for (const way of ways) {
    await callScript(plugin, 'hide', { way }, { user: 'ann' }).catch(() => null)
    expect(await callScript(plugin, 'look', null, { user: 'ben' }), way).toEqual([])
  }
})

test('the check finds what is hidden when state is kept, and no other user sees it', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', isolation: 'per-plugin' })
  const kept = ['upvalue', 'global', 'library', 'loaded', 'metatable']
  for (const way of kept) await callScript(plugin, 'hide', { way }, { user: 'ann' })
  const found = (await callScript(plugin, 'look', null, { user: 'ann' })) as string[]
  expect(found).toEqual(expect.arrayContaining(kept))
  expect(await callScript(plugin, 'look', null, { user: 'ben' })).toEqual([])
})

test('no two copies draw the same numbers, unless the plugin seeds them itself', async () => {
  for (const top of ['', 'math.random()\n', 'local early = math.random(1 << 52)\n']) {
    await using plugin = await loadScript(runtime, top + source, { entry: 'a.lua' })
    const seen = new Set<unknown>()
    for (let call = 0; call < 10; call++) {
      const [first, second] = (await callScript(plugin, 'drawn')) as [number, number]
      seen.add(first).add(second)
    }
    expect(seen.size).toBe(20)
  }
  await using plugin = await loadScript(runtime, `math.randomseed(7)\n${source}`, { entry: 'a.lua' })
  expect(await callScript(plugin, 'drawn')).toEqual(await callScript(plugin, 'drawn'))
})
