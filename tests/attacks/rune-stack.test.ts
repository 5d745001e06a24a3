// Deep recursion in Rune: calls, closures under native functions, formatting, comparing, hashing, freeing and sending of
// deep values, and the compiler's own. Each is contained, and the next call is answered.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const rune = { entry: 'main.rune' } as const

const source = `
fn nested(depth) { let v = []; for _ in 0..depth { v = [v]; } v }
fn linked(depth) { let v = #{}; for _ in 0..depth { v = #{ next: v }; } v }
fn wrapped(depth) { let v = Some(1); for _ in 0..depth { v = Some(v); } v }
fn under(n) { [1].iter().map(|x| under(n + 1)).collect::<Vec>() }
async fn awaited(n) { awaited(n + 1).await }
fn made(n) { let inner = (|| { for x in made(n + 1).iter() { yield x; } })(); inner }
pub fn ok() { "alive" }
pub fn plain() { fn f(n) { f(n + 1) + 1 } f(0) }
pub fn mutual() { fn a(n) { b(n) + 1 } fn b(n) { a(n) + 1 } a(0) }
pub fn closure() { let f = |f, n| f(f, n + 1) + 1; f(f, 0) }
pub fn native() { under(0) }
pub fn sorting() { fn f(n) { let v = [2, 1]; v.sort_by(|a, b| { f(n + 1); a.cmp(b) }); v } f(0) }
pub async fn futures() { awaited(0).await }
pub fn generators() { for x in made(0).iter() { return x; } }
pub fn debug() { format!("{:?}", nested(300000)).len() }
pub fn debug_cycle() { let v = []; v.push(v); format!("{:?}", v).len() }
pub fn compare() { nested(300000) == nested(300000) }
pub fn order() { nested(300000) < nested(300000) }
pub fn hash() { let m = std::collections::HashMap::new(); m.insert(nested(300000), 1); m.len() }
pub fn free() { let v = nested(1000000); drop(v); 1 }
pub fn free_linked() { let v = linked(1000000); drop(v); 1 }
pub fn free_options() { let v = wrapped(1000000); drop(v); 1 }
pub fn decode() { let t = String::new(); for _ in 0..200000 { t.push_str("["); } bulkhead::json::decode(t)? }
pub fn send() { nested(200000) }
pub fn send_cycle() { let v = []; v.push(v); v }
pub fn call() { host::call("a.b", nested(200000)) }
`

const contained = /^(?:limit\.stack|limit\.memory|plugin\.failed)$/
const recursions = ['plain', 'mutual', 'closure', 'native', 'sorting', 'futures', 'generators', 'debug']
const values = ['debug_cycle', 'compare', 'order', 'hash', 'decode', 'send', 'send_cycle', 'call']
/** Freeing a deep value is either done or ends the call. */
const frees = ['free', 'free_linked', 'free_options']

describe.each(['thread', 'inline'] as const)('%s', (boundary) => {
  let plugin: LoadedPlugin
  beforeAll(async () => {
    plugin = await loadScript(runtime, source, { ...rune, boundary })
  })

  test.each([...recursions, ...values])('%s ends in a typed error', async (action) => {
    await expect(callScript(plugin, action)).rejects.toMatchObject({ code: expect.stringMatching(contained) })
    expect(await callScript(plugin, 'ok')).toBe('alive')
  })

  test.each(['plain', 'mutual', 'closure', 'native', 'sorting', 'futures'])(
    '%s is told as a stack that ran over',
    async (action) => {
      await expect(callScript(plugin, action)).rejects.toMatchObject({ code: 'limit.stack' })
    },
  )

  test.each(frees)('%s is survived', async (action) => {
    const code = await callScript(plugin, action).then(
      () => 'done',
      (error: { code: string }) => error.code,
    )
    expect(code).toMatch(/^(?:done|limit\.(?:stack|memory))$/)
    expect(await callScript(plugin, 'ok')).toBe('alive')
  })
})
