// Limits hold, are told apart by their codes, and leave the next call in peace.

import { BulkheadError } from '@bulkhead/kernel'
import { expect } from 'vitest'
import type { Bench, BenchPlugin } from './bench.ts'
import type { Behaviour } from './behaviour.ts'
import type { ConformanceCase } from './case.ts'

const MiB = 1024 * 1024

const endsWith = async (plugin: BenchPlugin, behaviour: Behaviour, code: string): Promise<void> => {
  await expect(plugin.call(behaviour)).rejects.toMatchObject({ code })
  expect(await plugin.call('echo', 'next')).toBe('next')
}

/** Interpreters need some memory of their own. */
const small = (bench: Bench): Promise<BenchPlugin> => bench.load({ limits: { memoryBytes: 24 * MiB } })

/** See {@link ConformanceCase}. */
export const limitCases = {
  'time limit': {
    title: 'a loop ends at the deadline of its call',
    run: async (bench) => {
      await using plugin = await bench.load()
      await expect(plugin.call('spin', null, { wallMs: 200 })).rejects.toMatchObject({ code: 'limit.time' })
      expect(await plugin.call('echo', 'next')).toBe('next')
    },
  },
  'time limit while waiting': {
    title: 'the deadline holds while the guest waits for the host',
    run: async (bench) => {
      await using plugin = await bench.load()
      const host = () => new Promise<never>(() => {})
      await expect(plugin.call('ask', null, { host, wallMs: 200 })).rejects.toMatchObject({ code: 'limit.time' })
      expect(await plugin.call('echo', 'next')).toBe('next')
    },
  },
  'a loop beside others': {
    title: 'calls beside one that loops are answered',
    run: async (bench) => {
      await using plugin = await bench.load()
      const looping = plugin.call('spin', null, { wallMs: 500 }).catch((thrown: unknown) => thrown)
      const beside = Array.from({ length: 5 }, (_, n) => plugin.call('echo', n))
      expect(await Promise.all(beside)).toEqual([0, 1, 2, 3, 4])
      expect(await looping).toMatchObject({ code: 'limit.time' })
    },
  },
  'memory limit': {
    title: 'a guest gets no more memory than its limit',
    run: async (bench) => {
      await using plugin = await small(bench)
      await endsWith(plugin, 'hoard', 'limit.memory')
    },
  },
  'stack limit': {
    title: 'endless recursion ends the call and nothing else',
    run: async (bench) => {
      await using plugin = await bench.load()
      await endsWith(plugin, 'recurse', 'limit.stack')
    },
  },
  'output limit': {
    title: 'an output beyond its limit is refused',
    run: async (bench) => {
      await using plugin = await bench.load({ limits: { outputBytes: MiB } })
      await endsWith(plugin, 'flood', 'limit.output')
    },
  },
  'host call limit': {
    title: 'a guest that is refused further host calls ends with that',
    run: async (bench) => {
      await using plugin = await bench.load({ limits: { hostCalls: 10 } })
      let made = 0
      const host = (): null => {
        if (++made > 10) throw new BulkheadError('limit.host-calls', 'more than 10 host calls in one call')
        return null
      }
      await expect(plugin.call('pester', null, { host })).rejects.toMatchObject({ code: 'limit.host-calls' })
      expect(made).toBe(11)
      expect(await plugin.call('echo', 'next')).toBe('next')
    },
  },
} as const satisfies Record<string, ConformanceCase>
