// A script that hides what it saw wherever it can: globals, prototypes, modules, closures, pending jobs and timers, what the
// host answers later. Instances are used again for speed, so the next call must find each of these as at the start.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
  let closed = 0
  const held = new Map()
  const registered = Symbol.for('start')
  export const hides = {
    closure: () => { closed = 99; held.set('secret', 99) },
    global: () => { globalThis.secret = 99 },
    prototype: () => { Object.prototype.secret = 99; Function.prototype.secret = 99 },
    builtin: () => { JSON.parse = () => 99; Math.max = () => 99; Array.prototype.push = () => 99 },
    frozen: () => { Object.preventExtensions(globalThis) },
    job: () => { Promise.resolve().then(() => { closed = 99 }) },
    timer: () => { setTimeout(() => { closed = 99 }, 1) },
    failing: () => { globalThis.secret = 99; throw new Error('hidden') },
    endless: () => { globalThis.secret = 99; const grow = () => grow() + 1; grow() },
    regexp: () => { /9(9)/.exec('99'); held.set('last', RegExp.$1) },
    host: () => { globalThis.host = { call: async () => 99 } },
    console: () => { console.log = () => { throw 99 } },
  }
  export const hide = (way) => { hides[way](); return null }
  export const look = () => {
    const found = []
    if (closed !== 0 || held.size !== 0) found.push('closure')
    if ('secret' in globalThis) found.push('global')
    if (({}).secret !== undefined || (() => 1).secret !== undefined) found.push('prototype')
    if (JSON.parse('1') !== 1 || Math.max(1, 2) !== 2 || [].push(1) !== 1) found.push('builtin')
    if (!Object.isExtensible(globalThis)) found.push('frozen')
    if (RegExp.$1 === '9') found.push('regexp')
    try { console.log('x') } catch { found.push('console') }
    return found
  }
  export const ways = () => Object.keys(hides)`

test.for(['thread', 'inline'] as const)('nothing of one call is there for the next, boundary %s', async (boundary) => {
  await using plugin = await loadScript(runtime, source, { boundary })
  const ways = (await callScript(plugin, 'ways')) as string[]
  expect(ways).toHaveLength(12)
  for (const way of ways) {
    await callScript(plugin, 'hide', way, { user: 'ann' }).catch(() => null)
    expect(await callScript(plugin, 'look', null, { user: 'ben' }), way).toEqual([])
  }
})

test('the check finds what is hidden when state is kept', async () => {
  await using plugin = await loadScript(runtime, source, { isolation: 'per-plugin' })
  for (const way of ['closure', 'global', 'prototype', 'frozen']) await callScript(plugin, 'hide', way, { user: 'ann' })
  const found = (await callScript(plugin, 'look', null, { user: 'ann' })) as string[]
  expect(found).toEqual(expect.arrayContaining(['closure', 'global', 'prototype', 'frozen']))
  expect(await callScript(plugin, 'look', null, { user: 'ben' })).toEqual([])
})
