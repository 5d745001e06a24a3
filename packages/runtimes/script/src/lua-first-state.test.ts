// Later copies of a Lua plugin start from a held state where that makes no difference, and are loaded anew where it does.

import { afterAll, expect, test } from 'vitest'
import { callScript, loadScript, type LoadOptions } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

/** Lines that the top level logs in two calls: none where it is not run again. */
const evaluations = async (top: string, options: LoadOptions = {}): Promise<number> => {
  const source = `${top}\nprint('run') function run() end`
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', ...options })
  let lines = 0
  for (let call = 0; call < 2; call++) await callScript(plugin, 'run', null, { log: () => lines++ })
  return lines
}

test.each([
  ['nothing', ''],
  ['pure work', `local t = {} for i = 1, 999 do t[i] = { i } end table.sort(t, function(a, b) return a[1] > b[1] end)`],
  ['a date that is said', `os.date('!%c', 0) os.time { year = 2020, month = 1, day = 1 }`],
  ['a seed of its own', `math.randomseed(42) math.random()`],
  ['a coroutine', `coroutine.wrap(function() coroutine.yield(1) end)()`],
  ['the library', `require 'bulkhead.machine' require 'bulkhead.json'`],
  ['no configuration', `local none = host.config.key`],
])('%s at the top level is held', async (_name, top) => {
  expect(await evaluations(top)).toBe(0)
})

test.each([
  ['math.random()', `math.random()`],
  ['math.randomseed()', `math.randomseed()`],
  ['os.time()', `os.time()`],
  ['os.clock()', `os.clock()`],
  ['os.date()', `os.date()`],
  ['a host call', `pcall(host.call, 'a.b')`],
  ['a timer', `host.timer(1)`],
  ['sleep', `host.sleep(1)`],
])('%s at the top level is run for each copy', async (_name, top) => {
  expect(await evaluations(top)).toBe(2)
})

test('a configuration that is read at the top level is not held', async () => {
  expect(await evaluations(`local key = host.config.key`, { config: { key: 'k1' } })).toBe(2)
})

test('the clock is the present one in each call', async () => {
  await using plugin = await loadScript(runtime, `function run() return { os.time(), os.clock() } end`, {
    entry: 'a.lua',
  })
  for (let call = 0; call < 2; call++) {
    const before = Math.floor(Date.now() / 1000)
    const [now, used] = (await callScript(plugin, 'run')) as [number, number]
    expect(now).toBeGreaterThanOrEqual(before)
    expect(used).toBeLessThan(10)
  }
})

test('lines of the top level are logged once, at the load, where the state is held', async () => {
  const lines: string[] = []
  const source = `print('loaded') function run() end`
  await using plugin = await loadScript(runtime, source, { entry: 'a.lua', log: (_level, line) => lines.push(line) })
  await callScript(plugin, 'run')
  expect(lines).toEqual(['loaded'])
})
