// Rune scripts that take all memory they can get: lists, texts that double, widths of formats, host calls and logs. Each
// ends with the memory limit or another typed error, and the process stays small.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const MiB = 2 ** 20
const rune = { entry: 'main.rune', limits: { memoryBytes: 32 * MiB, outputBytes: MiB } } as const

const source = `
pub fn ok() { "alive" }
pub fn lists() { let all = []; loop { all.push([all.len()]); } }
pub fn objects() { let all = []; loop { all.push(#{ a: 1, b: "x" }); } }
pub fn doubling() { let t = "x"; loop { t = t + t; } }
pub fn pushing() { let t = String::from("xxxxxxxx"); loop { t.push_str(t.clone()); } }
pub fn capacity() { let t = String::with_capacity(4000000000); t.len() }
pub fn vector() { let v = Vec::with_capacity(100000000); v.len() }
pub fn bytes() { let b = Bytes::with_capacity(4000000000); b.len() }
pub fn resized() { let v = []; v.resize(1000000000, 1); v.len() }
pub fn width() { format!("{:>2000000000}", 1).len() }
pub fn precision() { format!("{:.2000000000}", 1.5).len() }
pub fn collect() { (0..).iter().collect::<Vec>() }
pub fn map() { let m = std::collections::HashMap::new(); let n = 0; loop { m.insert(n, n); n += 1; } }
pub fn kept() { let s = host::state(); let n = 0; loop { s.insert(format!("{n}"), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"); n += 1; } }
pub fn futures() { let all = []; loop { all.push(async { 1 }); } }
pub fn closures() { let all = []; loop { let n = all.len(); all.push(|| n); } }
pub fn line() { loop { print!("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"); } }
pub fn random() { loop { host::random::bytes(1000000000); } }
`

const settle = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  return process.memoryUsage.rss()
}

const grow = ['lists', 'objects', 'doubling', 'pushing', 'map', 'kept', 'futures', 'closures']
const atOnce = ['capacity', 'vector', 'bytes', 'resized', 'collect', 'width', 'precision', 'random']

test.each(grow)('%s end with the memory limit, and the process stays small', async (action) => {
  await using plugin = await loadScript(runtime, source, rune)
  const before = await settle()
  await expect(callScript(plugin, action, null, { wallMs: 30_000 })).rejects.toMatchObject({ code: 'limit.memory' })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test.each(atOnce)('%s: more at once than there is, is a typed error', async (action) => {
  await using plugin = await loadScript(runtime, source, rune)
  const before = await settle()
  await expect(callScript(plugin, action, null, { wallMs: 5000 })).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:limit\.(?:memory|time)|plugin\.(?:failed|trap))$/),
  })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('a line that never ends is cut, not kept', async () => {
  await using plugin = await loadScript(runtime, source, rune)
  await expect(callScript(plugin, 'line', null, { wallMs: 500 })).rejects.toMatchObject({ code: 'limit.time' })
})
