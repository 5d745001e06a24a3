// Many calls of a plugin loop on one thread, and the first of them passes its deadline: each of the others may have its slice
// before that one can unwind. The thread must not be taken for stuck, nor when they all end at once: a neighbour that waits
// for an answer there would lose its call.

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

test('a neighbour keeps its call', async () => {
  const count = 40
  const limits = { concurrency: count }
  await using attacker = await loadScript(runtime, `export const loop = () => { for (;;); }`, { entry: 'a.js', limits })
  await using victim = await loadScript(runtime, `export const wait = () => host.call('a.b', {})`, { entry: 'a.js' })
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ ok: true; payload: { json: string } }>()
  const dispatch = (): typeof answer.promise => {
    asked.resolve()
    return answer.promise
  }
  const waiting = callScript(victim, 'wait', null, { dispatch }).catch((error: { code: string }) => error.code)
  await asked.promise
  const loops = Array.from({ length: count }, (_, index) =>
    callScript(attacker, 'loop', null, { wallMs: index === 0 ? 300 : 1500 }).catch(
      (error: { code: string }) => error.code,
    ),
  )
  expect(new Set(await Promise.all(loops))).toEqual(new Set(['limit.time']))
  answer.resolve({ ok: true, payload: { json: '"answer"' } })
  expect(await waiting).toBe('answer')
})
