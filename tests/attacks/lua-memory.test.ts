// Lua that takes all memory it can get: in tables, strings, closures, coroutines, in what it makes the cell hold for it.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const MiB = 2 ** 20
const limits = { memoryBytes: 32 * MiB, outputBytes: MiB }

const source = `
function ok() return 'alive' end
function tables() local all = {} while true do all[#all + 1] = { all } end end
function rep() return string.rep('x', 1 << 40) end
function doubling() local text = 'x' while true do text = text .. text end end
function concat() local all = {} for i = 1, 1 << 12 do all[i] = string.rep('x', 1 << 16) end return #table.concat(all) end
function joined() local text = string.rep('x', 1 << 20) local all = {} for i = 1, 1 << 12 do all[i] = text end return #table.concat(all) end
function format() return string.format('%99.99f', 1e308):rep(1 << 20) end
function packing() local text = string.rep('x', 1 << 20) while true do text = string.pack('s4s4', text, text) end end
function replacing() return #string.gsub(string.rep('a', 1 << 20), 'a', string.rep('b', 1 << 10)) end
function coroutines() local all = {} while true do all[#all + 1] = coroutine.create(function() end) end end
function closures() local all = {} while true do all[#all + 1] = function() return all end end end
function unpacking() return select('#', table.unpack({}, 1, 1e7)) end
function keys() local t = {} for i = 1, math.huge do t[i .. ''] = i end end
function decoding() return #require('bulkhead.json').decode('[' .. string.rep('{},', 1 << 20) .. '1]') end
function compiling() local text = string.rep('x = {1,2,3,4,5,6,7,8,9} ', 1 << 18) return assert(load(text)) end
function caught()
  local all = {}
  while true do
    pcall(function() while true do all[#all + 1] = string.rep('x', 1 << 16) .. #all end end)
    if #all > 1e6 then all = {} end
  end
end
function kept() pcall(doubling) return 'went on' end
function refused()
  local live = string.rep('x', 4 << 20)
  for _ = 1, 6 do pcall(string.rep, live, 7) end
  local all = {}
  for i = 1, 1000 do all[i] = string.rep('y', 1000) .. i end
  return #all
end
function timers() while true do host.timer(1e6) end end
function spawned() while true do host.spawn(function() host.sleep(1e6) end) end end
function logs() for _ = 1, 12000 do print(string.rep('x', 10000)) end return 1 end
function sends() while true do host.start('a.b', string.rep('x', 1 << 19)) end end
function manySends() while true do host.start('a.b', 1) end end
function output() return string.rep('x', 3 << 20) end
function outputBytes() return string.rep('\\xff', 3 << 20) end
function echo(input) return #input end
`

const settle = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  return process.memoryUsage.rss()
}

test.each([
  ...['tables', 'doubling', 'concat', 'joined', 'packing', 'replacing', 'coroutines', 'closures', 'keys', 'decoding'],
  ...['compiling', 'format', 'spawned'],
])('%s end with the memory limit, and the process stays small', async (action) => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  const before = await settle()
  await expect(callScript(plugin, action)).rejects.toMatchObject({ code: 'limit.memory' })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test.each([
  ['rep', 'resulting string too large'],
  ['unpacking', 'too many results to unpack'],
])('%s is refused before it takes anything', async (action, message) => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  const error = { code: expect.stringMatching(/^plugin\.failed$|^limit\.memory$/) }
  await expect(callScript(plugin, action), message).rejects.toMatchObject(error)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('one that catches the error and goes on is ended as well', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  const before = await settle()
  await expect(callScript(plugin, 'caught', null, { wallMs: 1500 })).rejects.toMatchObject({
    code: expect.stringMatching(/^limit\.(?:memory|time)$/),
  })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'kept')).toBe('went on')
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('a large string that is refused, and caught, takes nothing from small ones', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  expect(await callScript(plugin, 'refused')).toBe(1000)
})

test('what the cell holds for a guest is bounded: timers, log lines, host calls', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits: { ...limits, hostCalls: 100 } })
  const before = await settle()
  let lines = 0
  await expect(callScript(plugin, 'timers')).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(await callScript(plugin, 'logs', null, { log: () => lines++ })).toBe(1)
  expect(lines).toBeLessThanOrEqual(10_001)
  const dispatch = dispatchOver({ 'a.b': () => new Promise(() => {}) })
  const some = { dispatch, limits: { hostCalls: 100 } }
  // The interpreter lets it make a thousand more than it may: half a GiB, were they all kept.
  await expect(callScript(plugin, 'sends', null, some)).rejects.toMatchObject({
    code: expect.stringMatching(/^limit\./),
  })
  await expect(callScript(plugin, 'manySends', null, some)).rejects.toMatchObject({ code: 'limit.host-calls' })
  expect((await settle()) - before).toBeLessThan(300 * MiB)
})

test.each(['output', 'outputBytes'])('%s beyond the limit is not even copied out', async (action) => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  await expect(callScript(plugin, action)).rejects.toMatchObject({ code: 'limit.output' })
})

test('an input that does not fit is refused, not written over the guest’s memory', async () => {
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', limits })
  await expect(callScript(plugin, 'echo', 'x'.repeat(40 * MiB))).rejects.toMatchObject({ code: 'limit.memory' })
  expect(await callScript(plugin, 'echo', 'x'.repeat(MiB))).toBe(MiB)
})

test('a limit below what the interpreter needs is said at load', async () => {
  await expect(loadScript(runtime, source, { entry: 'a.lua', limits: { memoryBytes: MiB / 2 } })).rejects.toMatchObject(
    { code: 'limit.memory' },
  )
})
