// A script looks for anything of Node or of the host's realm: through globals, constructor chains, errors, the host's
// own functions, and dynamic imports.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const hunter = `
const wanted = ['process', 'require', 'module', 'Buffer', 'fetch', 'WebAssembly', 'Worker', 'XMLHttpRequest', 'std', 'os', 'Deno', 'Bun', 'postMessage', 'navigator', 'importScripts', '__filename']
const realms = (start) => {
  const found = []
  const seen = new Set()
  const open = [start]
  while (open.length > 0 && seen.size < 50000) {
    const value = open.pop()
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue
    seen.add(value)
    for (const key of Reflect.ownKeys(value)) {
      if (wanted.includes(key)) found.push(String(key))
      let descriptor
      try { descriptor = Reflect.getOwnPropertyDescriptor(value, key) } catch { continue }
      if (descriptor) open.push(descriptor.value, descriptor.get, descriptor.set)
    }
    try { open.push(Reflect.getPrototypeOf(value)) } catch {}
  }
  return { found, seen: seen.size }
}
export const walk = async () => {
  let error
  try { await host.call('nothing.here', {}) } catch (caught) { error = caught }
  const functions = [host.call, host.http.get, host.log.info, error, error.constructor, globalThis, (() => {}).constructor('return this')()]
  const names = wanted.filter((name) => typeof globalThis[name] !== 'undefined')
  const made = functions.map((value) => { try { return typeof value.constructor.constructor('return process')() } catch (caught) { return caught.name } })
  const imports = []
  for (const name of ['fs', 'node:fs', './main.js', 'std', 'os', 'data:text/javascript,1']) {
    const load = new Function('name', 'return import(name)')
    try { await load(name); imports.push(name) } catch {}
  }
  return { names, made: [...new Set(made)], imports, ...realms(functions) }
}
export const keep = () => {
  const attempts = [() => { host.http = 1 }, () => { host.call = 1 }, () => { delete globalThis.host }, () => { globalThis.host = 1 }, () => { host.http.get = 1 }, () => { host.__proto__ = {} }]
  return attempts.map((attempt) => { try { attempt(); return 'done' } catch (caught) { return caught.name } })
}`

test('nothing of Node is reachable, by name, by constructor, by walking every object, or by import', async () => {
  await using plugin = await loadScript(runtime, hunter, { entry: 'a.ts' })
  const dispatch = dispatchOver({})
  const refuse: typeof dispatch = async () => ({
    ok: false,
    error: { code: 'function.unknown', message: 'no', id: 'x-1' },
  })
  const walked = (await callScript(plugin, 'walk', null, { dispatch: refuse })) as Record<string, unknown>
  expect(walked).toMatchObject({ names: [], made: ['ReferenceError'], imports: [], found: [] })
  expect(walked.seen).toBeGreaterThan(500)
})

test('the host object cannot be replaced or changed', async () => {
  await using plugin = await loadScript(runtime, hunter, { entry: 'a.ts' })
  expect(new Set((await callScript(plugin, 'keep')) as string[])).toEqual(new Set(['TypeError']))
})

test('a script that takes over the prelude’s built-ins gets no further than the gate', async () => {
  await using plugin = await loadScript(
    runtime,
    `const taken = []
     const { call } = Function.prototype
     const { push } = Array.prototype
     const take = (values) => Reflect.apply(push, taken, values)
     Function.prototype.call = function (...args) { take(args); return Reflect.apply(call, this, args) }
     for (const name of ['map', 'push', 'join', 'slice']) { const own = Array.prototype[name]; Array.prototype[name] = function (...args) { take([this, ...args]); return Reflect.apply(own, this, args) } }
     Promise.prototype.then = new Proxy(Promise.prototype.then, { apply: (target, self, args) => { take(args); return Reflect.apply(target, self, args) } })
     JSON.stringify = () => '{"stolen":true}'
     export const run = async () => { await host.call('a.b', {}).catch(() => 0); return taken.length > 0 }`,
    { entry: 'a.ts' },
  )
  const asked: string[] = []
  const output = await callScript(plugin, 'run', null, {
    dispatch: async (name) => {
      asked.push(name)
      return { ok: false, error: { code: 'capability.denied', message: 'no', id: 'x-1' } }
    },
  })
  expect(output).toBe(true)
  expect(asked).toEqual(['a.b'])
})
