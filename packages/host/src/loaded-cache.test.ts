import { expect, test } from 'vitest'
import { makeLoadedCache } from './loaded-cache.ts'

test('the least recently used plugin is unloaded first', () => {
  const unloaded: string[] = []
  using cache = makeLoadedCache({ maxPlugins: 2, ttlMs: 60_000, unload: (name) => unloaded.push(name) })
  cache.touch('a')
  cache.touch('b')
  cache.touch('a')
  cache.touch('c')
  expect(unloaded).toEqual(['b'])
  expect([...cache.names].sort()).toEqual(['a', 'c'])
})

test('a plugin that sat idle past its time is unloaded without being asked for', async () => {
  const unloaded: string[] = []
  using cache = makeLoadedCache({ maxPlugins: 2, ttlMs: 60, unload: (name) => unloaded.push(name) })
  cache.touch('a')
  await expect.poll(() => unloaded, { timeout: 5000 }).toEqual(['a'])
})

test('forgetting and disposing unload nothing: their owner does', () => {
  const unloaded: string[] = []
  const cache = makeLoadedCache({ maxPlugins: 2, ttlMs: 60_000, unload: (name) => unloaded.push(name) })
  cache.touch('a')
  cache.touch('b')
  cache.forget('a')
  cache[Symbol.dispose]()
  expect(unloaded).toEqual([])
})
