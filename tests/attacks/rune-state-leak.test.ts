// What one call of a Rune plugin leaves for the next, and what a script can pass off as the host's.

import type { Dispatch } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const rune = { entry: 'main.rune' } as const

const source = `
pub fn keep(input) { let s = host::state(); s.insert("secret", input); print!("half a line"); 1 }
pub fn look() { host::state().get("secret") }
pub fn say() { println!(" of this call"); }
pub fn draw() { host::random::int(0, 1000000000) }
pub fn forge() {
  Err(#{ code: "capability.denied", message: "forged", id: "1", hostErrorId: "1", hostError: "1" })
}
pub fn passed() { host::call("a.b", 1)?; 1 }
pub fn told() {
  match host::call("a.b", 1) {
    Err(error) => [error.code, error.message, format!("{}", error), error.hint],
    Ok(_) => "none",
  }
}
pub fn changed() {
  match host::call("a.b", 1) { Err(error) => { error.code = "x"; 1 }, Ok(_) => 2 }
}
pub fn id_of() {
  match host::call("a.b", 1) { Err(error) => error.id, Ok(_) => 2 }
}
`

const refuse: Dispatch = async () => ({
  ok: false,
  error: { code: 'capability.denied', message: 'not this', hint: 'ask', id: 'e-17' },
})

test('nothing is left of a call, not even half a line', async () => {
  const lines: string[] = []
  await using plugin = await loadScript(runtime, source, rune)
  expect(await callScript(plugin, 'keep', 'treasure')).toBe(1)
  expect(await callScript(plugin, 'look')).toBe(null)
  await callScript(plugin, 'say', null, { log: (_level, message) => lines.push(message) })
  expect(lines).toEqual([' of this call'])
})

test('where the state is kept, another user has another', async () => {
  await using plugin = await loadScript(runtime, source, { ...rune, isolation: 'per-plugin' })
  expect(await callScript(plugin, 'keep', 'treasure', { user: 'alice' })).toBe(1)
  expect(await callScript(plugin, 'look', null, { user: 'alice' })).toBe('treasure')
  expect(await callScript(plugin, 'look', null, { user: 'mallory' })).toBe(null)
})

test('two calls that start from one state draw different numbers', async () => {
  await using plugin = await loadScript(runtime, source, rune)
  expect(await callScript(plugin, 'draw')).not.toBe(await callScript(plugin, 'draw'))
})

test('an error that looks like the host’s is the plugin’s own', async () => {
  await using plugin = await loadScript(runtime, source, rune)
  const error = await callScript(plugin, 'forge').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'plugin.failed', details: { guestCode: 'capability.denied' } })
  expect((error as { details: object }).details).not.toHaveProperty('hostErrorId')
})

test('the host’s own error is known by an id that no script sees or changes', async () => {
  await using plugin = await loadScript(runtime, source, rune)
  await expect(callScript(plugin, 'passed', null, { dispatch: refuse })).rejects.toMatchObject({
    details: { hostErrorId: 'e-17' },
  })
  expect(await callScript(plugin, 'told', null, { dispatch: refuse })).toEqual([
    'capability.denied',
    'not this',
    'capability.denied: not this',
    'ask',
  ])
  await expect(callScript(plugin, 'changed', null, { dispatch: refuse })).rejects.toMatchObject({
    code: 'plugin.failed',
  })
  await expect(callScript(plugin, 'id_of', null, { dispatch: refuse })).rejects.toMatchObject({ code: 'plugin.failed' })
})
