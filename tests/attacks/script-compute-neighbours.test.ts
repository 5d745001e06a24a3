// A plugin has something long computed for it past its deadline: queries of many pairs, or what a changed prototype puts in
// the place of an argument. Its thread is ended for it, and a neighbour that waits
// for an answer there loses its call: what is computed on a guest's behalf must be short, or stop at its deadline.

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
export const ok = () => 1
export const empty = () => { for (;;) new URLSearchParams('&a'.repeat(120 * 1024)) }
export const wrong = () => { for (;;) new URLSearchParams('&a=%ff'.repeat(40 * 1024)) }
export const replaced = () => {
  const params = new URLSearchParams('a=b')
  const text = '&a'.repeat(120 * 1024)
  Array.prototype.toJSON = () => text
  for (;;) params.toString()
}
`

test.each(['empty', 'wrong', 'replaced'])('a neighbour on the thread keeps its call: %s', async (action) => {
  await using attacker = await loadScript(runtime, source, { entry: 'main.js' })
  await using victim = await loadScript(runtime, `export const wait = () => host.call('a.b', {})`, { entry: 'main.js' })
  await callScript(attacker, 'ok')
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ ok: true; payload: { json: string } }>()
  const dispatch = (): typeof answer.promise => {
    asked.resolve()
    return answer.promise
  }
  const waiting = callScript(victim, 'wait', null, { dispatch }).catch((error: { code: string }) => error.code)
  await asked.promise
  await expect(callScript(attacker, action, null, { wallMs: 60 })).rejects.toMatchObject({ code: 'limit.time' })
  answer.resolve({ ok: true, payload: { json: '"answer"' } })
  expect(await waiting).toBe('answer')
})
