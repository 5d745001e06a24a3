// Rune scripts that never end: in the virtual machine, in native functions of the standard library, in generators and
// futures, in what runs after the action. Each ends with the wall limit, and the next call of the plugin is answered.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const rune = { entry: 'main.rune' } as const

const source = `
use std::future;
pub fn ok() { "alive" }
pub fn vm() { loop {} }
pub fn vm_while() { let n = 0; while n >= 0 { n = (n + 1) % 7; } }
pub fn count() { (0..).iter().count() }
pub fn nth() { (0..).iter().skip(4000000000).next() }
pub fn filter() { (0..).iter().filter(|n| n < 0).next() }
pub fn fold() { (0..9223372036854775807).iter().fold(0, |sum, n| n) }
pub fn chained() { (0..).iter().map(|n| n).filter(|n| false).map(|n| n).next() }
pub fn sort() { let v = (0..100000).iter().collect::<Vec>(); loop { v.sort_by(|a, b| b.cmp(a)); v.sort(); } }
pub fn text() { let t = "x"; for _ in 0..20 { t = t + t; } loop { t.replace("xx", "y"); t.split("x").count(); } }
pub fn generator() { let g = (|| { loop { yield 1; } })(); for x in g.iter() { } }
pub fn hashing() { let m = std::collections::HashMap::new(); let n = 0; loop { m.insert(n % 5, n); n += 1; } }
pub async fn tasks() { let work = async { loop {} }; future::join((work, async { 1 })).await }
pub async fn ready() { loop { async { 1 }.await; } }
pub async fn naps() { loop { host::pause(0).await; } }
pub fn logs() { loop { println!("again"); } }
pub fn formats() { loop { format!("{:?}", [[1, 2], [3, 4]]); } }
`

const actions = ['vm', 'vm_while', 'count', 'nth', 'filter', 'fold', 'chained', 'sort', 'text', 'generator', 'hashing']
const others = ['tasks', 'ready', 'naps', 'logs', 'formats']

let plugin: LoadedPlugin
beforeAll(async () => {
  plugin = await loadScript(runtime, source, rune)
})

test.each([...actions, ...others])('%s ends with the wall limit', async (action) => {
  await expect(callScript(plugin, action, null, { wallMs: 300 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('a future that nothing can finish is a failure at once, not after the limit', async () => {
  const never = `pub async fn run() { host::first([]).await }
pub async fn stuck() { let a = host::pause(1); a.await; a.await }`
  await using alone = await loadScript(runtime, never, rune)
  await expect(callScript(alone, 'run')).rejects.toMatchObject({ code: 'plugin.failed' })
  await expect(callScript(alone, 'stuck')).rejects.toMatchObject({ code: 'plugin.failed' })
})
