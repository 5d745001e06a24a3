// Later copies of a plugin start from a held state where that makes no difference, and evaluate the module anew where it
// does: when its top level drew entropy, read the time or the configuration, called the host or started a timer.

import { afterAll, expect, test } from 'vitest'
import { callScript, loadScript, type LoadOptions } from '../test/fixtures.ts'
import { makeScriptRuntime } from './runtime.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

/** Lines that the top level of a module logs in two calls: none where the module is not evaluated again. */
const evaluations = async (top: string, options: LoadOptions = {}): Promise<number> => {
  const source = `${top}\nconsole.log('evaluated'); export const run = () => null`
  await using plugin = await loadScript(runtime, source, { entry: 'a.js', ...options })
  let lines = 0
  for (let call = 0; call < 2; call++) await callScript(plugin, 'run', null, { log: () => lines++ })
  return lines
}

test.each([
  ['nothing', ''],
  ['pure work', `globalThis.table = new Map(Array.from({ length: 999 }, (_, i) => [i, [i]]))`],
  ['dates that are said', `new Date(2020, 1, 1).toString(); new Date(0).getTimezoneOffset()`],
  [
    'computations of the outer engine',
    `new TextEncoder().encode('x'); new URL('https://a.example').href; atob('YQ==')`,
  ],
  ['promises', `await Promise.resolve(1); for await (const x of [1, 2]);`],
  ['no configuration', `JSON.stringify(host.config)`],
])('%s at the top level is held', async (_name, top) => {
  expect(await evaluations(top)).toBe(0)
})

test.each([
  ['Math.random()', `Math.random()`],
  ['Date.now()', `Date.now()`],
  ['new Date()', `String(new Date())`],
  ['performance.now()', `performance.now()`],
  ['performance.timeOrigin', `performance.timeOrigin`],
  ['crypto.randomUUID()', `crypto.randomUUID()`],
  ['crypto.getRandomValues()', `crypto.getRandomValues(new Uint8Array(8))`],
  ['a host call', `host.call('a.b', 1).catch(() => 0)`],
  ['a timer', `setTimeout(() => {}, 1)`],
  ['a random comparison', `[3, 1, 2].sort(() => Math.random() - 0.5)`],
])('%s at the top level is evaluated for each copy', async (_name, top) => {
  expect(await evaluations(top)).toBe(2)
})

test('a configuration that is read at the top level is not held, and arrives', async () => {
  const config = { key: 'k1' }
  expect(await evaluations(`host.config.key`, { config })).toBe(2)
  expect(await evaluations(``, { config })).toBe(0)
  await using plugin = await loadScript(
    runtime,
    `const { key } = host.config; export const run = () => [key, host.config.key, Object.isFrozen(host.config)]`,
    { entry: 'a.js', config },
  )
  for (let call = 0; call < 2; call++) expect(await callScript(plugin, 'run')).toEqual(['k1', 'k1', true])
})

test('the context has the configuration', async () => {
  const source = `
    import { defineAction, definePlugin } from '@bulkhead/sdk'
    const run = defineAction({ input: true, run: (_input, { config, ...rest }) => [config.key, Object.keys(rest).sort()] })
    export default definePlugin({ name: 'sample', actions: { run } })`
  await using plugin = await loadScript(runtime, source, { config: { key: 'k1' } })
  // The areas that only compute need no asking.
  const areas = ['action', 'call', 'csv', 'graph', 'log', 'regex', 'time', 'yaml']
  expect(await callScript(plugin, 'run')).toEqual(['k1', areas])
})

test('no two calls draw the same', async () => {
  const draws = `[Math.random(), Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(2)).join()]`
  for (const source of [`export const run = () => ${draws}`, `const top = ${draws}; export const run = () => top`]) {
    await using plugin = await loadScript(runtime, source, { entry: 'a.js' })
    const drawn = new Set<unknown>()
    for (let call = 0; call < 20; call++)
      for (const one of (await callScript(plugin, 'run')) as unknown[]) drawn.add(one)
    expect(drawn.size).toBe(80)
  }
})

test('numbers of Math.random are spread', async () => {
  await using plugin = await loadScript(
    runtime,
    `export const run = () => { const counts = Array(10).fill(0); for (let i = 0; i < 10000; i++) counts[Math.floor(Math.random() * 10)]++; return counts }`,
    { entry: 'a.js' },
  )
  for (const count of (await callScript(plugin, 'run')) as number[]) expect(Math.abs(count - 1000)).toBeLessThan(200)
})

test('the clock is the present one, from the call on', async () => {
  await using plugin = await loadScript(
    runtime,
    `export const run = () => [Date.now(), performance.timeOrigin, performance.now()]`,
    { entry: 'a.js' },
  )
  // Of each call its own: an instance that is used again knows nothing of the time before.
  for (let call = 0; call < 3; call++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = Date.now()
    const [now, origin, since] = (await callScript(plugin, 'run')) as [number, number, number]
    expect(now).toBeGreaterThanOrEqual(before)
    expect(origin).toBeGreaterThanOrEqual(before)
    expect(since).toBeLessThan(10_000)
  }
})

test('lines of the top level are logged once, at the load, where the state is held', async () => {
  const lines: string[] = []
  const source = `console.log('evaluated'); export const run = () => null`
  await using plugin = await loadScript(runtime, source, { entry: 'a.js', log: (_level, line) => lines.push(line) })
  await callScript(plugin, 'run')
  expect(lines).toEqual(['evaluated'])
})
