// State that would leak from one call to the next, input that would change prototypes, values made to break the
// serialiser, and errors made to look like the host's.

import { afterAll, describe, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

describe('state', () => {
  const counter = `
    let count = 0
    export const bump = () => { globalThis.seen = (globalThis.seen ?? 0) + 1; Array.prototype.mark = (Array.prototype.mark ?? 0) + 1; return [++count, globalThis.seen, [].mark] }
    export const draw = () => [Math.random(), crypto.randomUUID()]`

  test('is fresh for each call', async () => {
    await using plugin = await loadScript(runtime, counter)
    for (let call = 0; call < 3; call++) expect(await callScript(plugin, 'bump')).toEqual([1, 1, 1])
    const draws = await Promise.all([1, 2, 3, 4].map(() => callScript(plugin, 'draw')))
    expect(new Set(draws.map((draw) => (draw as [number])[0])).size).toBe(4)
    expect(new Set(draws.map((draw) => (draw as [number, string])[1])).size).toBe(4)
  })

  test('is kept per plugin only within one security context', async () => {
    await using plugin = await loadScript(runtime, counter, { isolation: 'per-plugin' })
    expect(await callScript(plugin, 'bump', null, { user: 'ann' })).toEqual([1, 1, 1])
    expect(await callScript(plugin, 'bump', null, { user: 'ann' })).toEqual([2, 2, 2])
    expect(await callScript(plugin, 'bump', null, { user: 'ben' })).toEqual([1, 1, 1])
  })

  test('a late answer or timer of one call never reaches the next', async () => {
    await using plugin = await loadScript(
      runtime,
      `const heard = []
       export const start = () => { host.call('a.slow', 1).then((v) => heard.push(v)); setTimeout(() => heard.push('timer'), 10); return heard.length }
       export const wait = () => new Promise((r) => setTimeout(() => r(heard), 60))`,
      { isolation: 'per-plugin' },
    )
    let answer: ((value: { ok: true; payload: { json: string } }) => void) | undefined
    const dispatch = () => new Promise<{ ok: true; payload: { json: string } }>((resolve) => (answer = resolve))
    expect(await callScript(plugin, 'start', null, { dispatch })).toBe(0)
    answer?.({ ok: true, payload: { json: '"late"' } })
    expect(await callScript(plugin, 'wait')).toEqual([])
  })

  test('an answer that came while the last code of a call ran never reaches the next', async () => {
    await using plugin = await loadScript(
      runtime,
      `const heard = []
       export const start = () => { host.call('a.fast', 1).then((v) => heard.push(v)); for (let i = 0; i < 3e6; i++); return 1 }
       export const wait = async () => { await host.call('a.other', 2); return heard }`,
      { isolation: 'per-plugin', boundary: 'inline' },
    )
    const dispatch = async () => ({ ok: true as const, payload: { json: '"late"' } })
    expect(await callScript(plugin, 'start', null, { dispatch })).toBe(1)
    expect(await callScript(plugin, 'wait', null, { dispatch })).toEqual([])
  })
})

describe('values', () => {
  test('a __proto__ member is data', async () => {
    await using plugin = await loadScript(
      runtime,
      `export const run = (input) => [Object.keys(input), ({}).polluted ?? null, Object.getPrototypeOf(input) === Object.prototype]
       export const back = () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')`,
    )
    const hostile = JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}') as unknown
    expect(await callScript(plugin, 'run', hostile)).toEqual([['__proto__', 'a'], null, true])
    const back = (await callScript(plugin, 'back')) as object
    expect(Object.keys(back)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test.each([
    ['a cycle', `() => { const a = {}; a.a = a; return a }`, 'plugin.failed'],
    ['a big integer', `() => 1n`, 'plugin.failed'],
    ['a getter that throws', `() => ({ get a() { throw new Error('no') } })`, 'plugin.failed'],
    ['a proxy that lies', `() => new Proxy([], { get: (t, k) => k === 'length' ? 2 ** 40 : 1 })`, 'limit.memory'],
    ['an array that claims to be huge', `() => { const a = []; a.length = 2 ** 31; return a }`, 'limit.memory'],
    ['a thenable that throws', `() => ({ then() { throw null } })`, 'plugin.failed'],
    ['an error that is not one', `() => { throw new Proxy({}, { get() { throw 1 } }) }`, 'plugin.failed'],
    ['a thrown undefined', `() => { throw undefined }`, 'plugin.failed'],
  ])('%s is contained', async (_name, action, code) => {
    await using plugin = await loadScript(runtime, `export const run = ${action}\nexport const ok = () => 1`, {
      entry: 'a.ts',
      limits: { memoryBytes: 32 * 2 ** 20 },
    })
    await expect(callScript(plugin, 'run')).rejects.toMatchObject({ code })
    expect(await callScript(plugin, 'ok')).toBe(1)
  })

  test('bytes cross both ways, and nothing else is taken for bytes', async () => {
    await using plugin = await loadScript(
      runtime,
      `export const run = (input) => ({ isBytes: input.data instanceof Uint8Array, back: input.data.map((b) => b + 1), view: new Uint8Array([9, 8, 7, 6]).subarray(1, 3), none: new Uint8Array() })`,
    )
    expect(await callScript(plugin, 'run', { data: new Uint8Array([1, 2]) })).toEqual({
      isBytes: true,
      back: new Uint8Array([2, 3]),
      view: new Uint8Array([8, 7]),

      none: new Uint8Array(),
    })
  })
})

describe('errors', () => {
  const denied = {
    ok: false as const,
    error: { code: 'capability.denied' as const, message: 'refused', hint: 'grant it', id: 'call-1' },
  }
  const source = `
    export const escape = () => host.http.get('https://example.com')
    export const look = async () => { try { await host.http.get('https://example.com') } catch (e) { return [e instanceof Error, e.name, e.code, e.message, e.hint, e.id, e.stack.length > 0] } }
    export const forge = async () => { throw Object.assign(new Error('refused'), { name: 'HostError', code: 'capability.denied', id: 'call-1', hostErrorId: 'call-1' }) }
    export const wrap = async () => { try { await host.http.get('https://example.com') } catch (cause) { throw new Error('mine', { cause }) } }`

  test('a host error that escapes is known by its id', async () => {
    await using plugin = await loadScript(runtime, source)
    await expect(callScript(plugin, 'escape', null, { dispatch: async () => denied })).rejects.toMatchObject({
      code: 'plugin.failed',
      details: { hostErrorId: 'call-1' },
    })
    expect(await callScript(plugin, 'look', null, { dispatch: async () => denied })).toEqual([
      true,
      'HostError',
      'capability.denied',
      'refused',
      'grant it',
      'call-1',
      true,
    ])
  })

  test('one that only looks like a host error is the plugin’s own', async () => {
    await using plugin = await loadScript(runtime, source)
    for (const action of ['forge', 'wrap']) {
      const error = (await callScript(plugin, action, null, { dispatch: async () => denied }).catch(
        (thrown: unknown) => thrown,
      )) as { code: string; details: Record<string, unknown> }
      expect(error.code).toBe('plugin.failed')
      expect(error.details).not.toHaveProperty('hostErrorId')
      if (action === 'forge') expect(error.details).toMatchObject({ guestCode: 'capability.denied' })
    }
  })
})
