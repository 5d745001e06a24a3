import { expect, test } from 'vitest'
import { makeFakeContext } from './testing.ts'

test('update writes what the function gives, and asks it again when somebody else wrote in between', async () => {
  const { kv, store } = makeFakeContext({ store: { n: 1 } })
  const seen: unknown[] = []
  const result = await kv.update<number>('n', async (old = 0) => {
    seen.push(old)
    if (seen.length === 1) await kv.set('n', 10)
    return old + 1
  })
  expect(seen).toEqual([1, 10])
  expect(result).toBe(11)
  expect(store.get('n')).toBe(11)
  expect(await kv.update('new', (old) => (old === undefined ? 'made' : 'found'))).toBe('made')
})

test('options of the write go with each attempt', async () => {
  const { kv, calls } = makeFakeContext()
  await kv.update('n', () => 1, { scope: 'workspace', ttlMs: 50 })
  expect(calls.map(({ input }) => input)).toEqual([
    { key: 'n', scope: 'workspace' },
    { key: 'n', value: 1, ifVersion: 0, scope: 'workspace', ttlMs: 50 },
  ])
})

test('undefined leaves everything as it is', async () => {
  const { kv, calls } = makeFakeContext({ store: { n: 1 } })
  expect(await kv.update('n', () => undefined)).toBe(1)
  expect(calls.map(({ name }) => name)).toEqual(['kv.get'])
})

test('a function that changes the key itself is told so in the end', async () => {
  const { kv } = makeFakeContext()
  const racing = kv.update<number>('n', async (old = 0) => {
    await kv.set('n', old + 1)
    return old
  })
  await expect(racing).rejects.toMatchObject({ name: 'PluginError', code: 'kv-contended' })
})

test('the host function of the same name is still called with its whole input', async () => {
  const { kv, calls } = makeFakeContext({ store: { n: 1 } })
  const raw = kv.update as unknown as (input: object) => Promise<unknown>
  expect(await raw({ key: 'n', value: 2, ifVersion: 0 })).toEqual({ updated: false, version: 1 })
  expect(calls[0]).toEqual({ name: 'kv.update', input: { key: 'n', value: 2, ifVersion: 0 } })
})
