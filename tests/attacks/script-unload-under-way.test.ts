// A plugin is unloaded while calls of it are under way, on a thread that it shares: that ends its calls, and nothing of its
// neighbours.

import { afterAll, expect, test } from 'vitest'
import { openCells } from '@bulkhead/cell'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const cells = openCells({ threads: 1 })
const runtime = makeScriptRuntime(cells)
afterAll(async () => {
  await runtime[Symbol.asyncDispose]()
  await cells[Symbol.asyncDispose]()
})

const source = `
export const wait = () => host.call('a.b', {})
export const loop = () => { for (;;); }
export const nap = () => new Promise((done) => setTimeout(done, 10_000))
`

/** A call, once it waits for the host; `answer` is what it waits for. */
const waiting = async (plugin: Awaited<ReturnType<typeof loadScript>>) => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ ok: true; payload: { json: string } }>()
  const dispatch = (): typeof answer.promise => {
    asked.resolve()
    return answer.promise
  }
  const call = callScript(plugin, 'wait', null, { dispatch }).catch((error: { code: string }) => error.code)
  await asked.promise
  return { call, answer: () => answer.resolve({ ok: true, payload: { json: '"answer"' } }) }
}

test.each(['wait', 'loop', 'nap'])('a neighbour keeps its call: %s', async (action) => {
  const limits = { concurrency: 2 }
  await using leaving = await loadScript(runtime, source, { entry: 'a.js', limits })
  await using neighbour = await loadScript(runtime, source, { entry: 'a.js' })
  const kept = await waiting(neighbour)
  const given = await waiting(leaving)
  const dispatch = () => new Promise<never>(() => undefined)
  const others = [action, action].map((name) =>
    callScript(leaving, name, null, { dispatch }).catch((error: { code: string }) => error.code),
  )
  await new Promise((resolve) => setTimeout(resolve, 50))
  await leaving[Symbol.asyncDispose]()
  expect(await given.call).toBe('plugin.crashed')
  for (const code of await Promise.all(others)) expect(['plugin.crashed', 'host.closed']).toContain(code)
  // Longer than a thread may take to unwind.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  given.answer()
  kept.answer()
  expect(await kept.call).toBe('answer')
})
