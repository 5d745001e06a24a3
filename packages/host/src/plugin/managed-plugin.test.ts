// Supervision over a runtime in the test's hands: what every tier has in common, whatever its compartments are.

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BulkheadError, type LoadedPlugin, packPayload, type Runtime, type RuntimeResult } from '@bulkhead/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HostEvents } from '../host-events.ts'
import { openWorld } from '../open-world.ts'
import { makeRegistry } from '../registry.ts'
import { locateNamed } from './discover-node.ts'
import { type ManagedPlugin, makeManagedPlugin } from './managed-plugin.ts'
import type { World } from './world.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-managed-')))
  await mkdir(join(folder, 'home'), { mode: 0o700 })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const answer = (value: unknown): RuntimeResult => ({ output: { kind: 'value', payload: packPayload(value) } })
const crash = (details?: { suspects: number }) =>
  new BulkheadError('plugin.crashed', 'the compartment died', details === undefined ? {} : { details })

/** A plugin whose calls the test answers. */
const open = async (call: LoadedPlugin['call'], supervision: Partial<World['supervision']> = {}) => {
  const path = join(folder, 'one.js')
  await writeFile(path, 'export const go = () => 1')
  const opened = await openWorld({ home: join(folder, 'home') }, makeRegistry<ManagedPlugin>())
  let nowMs = 1000
  const runtime: Runtime = {
    tier: 'script',
    load: async () => ({ actions: { go: {} }, call, [Symbol.asyncDispose]: async () => undefined }),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const world: World = {
    ...opened.world,
    clock: { ...opened.world.clock, monotonic: () => nowMs },
    random: () => 0.5,
    supervision: { ...opened.world.supervision, ...supervision },
    runtimes: { of: async () => runtime },
  }
  const told: string[] = []
  const hear = (event: keyof HostEvents) => world.events.on(event, () => told.push(event))
  for (const event of ['plugin:crashed', 'plugin:restarted', 'plugin:healthy', 'plugin:quarantined'] as const)
    hear(event)
  const plugin = makeManagedPlugin(await locateNamed(path, 'given'), world, {
    grantsOf: () => [],
    warningsOf: () => [],
  })
  return {
    plugin,
    told,
    go: async () => (await plugin.invoke('go', { kind: 'value', value: null }, {})).output,
    pass: (ms: number) => {
      nowMs += ms
    },
    [Symbol.asyncDispose]: async () => {
      await plugin.unload(0)
      await opened[Symbol.asyncDispose]()
    },
  }
}

test('a compartment that dies at every call brings its plugin into quarantine, whatever its tier', async () => {
  let begun = 0
  await using opened = await open(
    async () => {
      begun++
      throw crash()
    },
    { crashes: 3, backoffMs: 1 },
  )
  const { plugin, told, go, pass } = opened
  for (let round = 0; round < 3; round++) {
    pass(1000)
    await expect(go()).rejects.toMatchObject({ code: 'plugin.crashed' })
  }
  for (let round = 0; round < 5; round++) await expect(go()).rejects.toMatchObject({ code: 'plugin.quarantined' })
  expect(begun).toBe(3)
  expect(told.filter((event) => event === 'plugin:crashed')).toHaveLength(3)
  expect(told.at(-1)).toBe('plugin:quarantined')
  expect(plugin.status).toMatchObject({ generation: 3, restarts: 2, health: { state: 'quarantined' } })
})

test('one of whose end its neighbours are as likely the cause is restarted and never quarantined', async () => {
  let left = 10
  await using opened = await open(
    async () => {
      if (left-- > 0) throw crash({ suspects: 2 })
      return answer('well')
    },
    { crashes: 2 },
  )
  const { plugin, told, go, pass } = opened
  for (let round = 0; round < 10; round++) {
    pass(10)
    await expect(go()).rejects.toMatchObject({ code: 'plugin.crashed' })
  }
  pass(10)
  expect(await go()).toBe('well')
  expect(plugin.status).toMatchObject({ restarts: 10, health: { state: 'healthy', crashes: 0 } })
  expect(told.at(-1)).toBe('plugin:healthy')
})

test('an answer that comes after its copy has ended is dropped', async () => {
  const late = Promise.withResolvers<RuntimeResult>()
  await using opened = await open(() => late.promise)
  const { plugin, told, go } = opened
  const call = go()
  await expect.poll(() => plugin.status.callsRunning).toBe(1)
  await plugin.unload(0)
  late.resolve(answer('late'))
  await expect(call).rejects.toMatchObject({ code: 'plugin.crashed', details: { generation: 1 } })
  // It was told to end: that is no crash.
  expect(told).toEqual([])
  expect(plugin.status.health).toEqual({ state: 'healthy', crashes: 0 })
})

test('a call that was looking for a copy when another took the name goes to that one', async () => {
  await using old = await open(async () => answer('old'))
  const asked: string[] = []
  const successor = {
    run: async () => {
      asked.push('successor')
      return { output: 'new', metrics: { loadMs: 0, callMs: 0, hostCalls: 0 } }
    },
  } as unknown as ManagedPlugin
  await old.plugin.retire(successor)
  expect(await old.go()).toBe('new')
  expect(asked).toEqual(['successor'])
})

test('numbers of starts go on counting when another takes the name', async () => {
  await using first = await open(async () => answer(1))
  await first.go()
  await first.plugin.unload(0)
  await first.go()
  expect(first.plugin.status.generation).toBe(2)
  expect(first.plugin.generations.last).toBe(2)
})
