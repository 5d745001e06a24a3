// What goes in comes out: values, bytes, log lines, and the state between calls.

import { expect } from 'vitest'
import type { Bench, BenchPlugin } from './bench.ts'
import type { ConformanceCase } from './case.ts'

const intricate = {
  text: 'Ahoy ✓ 💧 \u0000 "\\ \u2028',
  numbers: [0, -1, 1.5, 1e300, 9_007_199_254_740_991],
  empty: [{}, [], '', null, false],
  $blob: 0,
  nested: JSON.parse('{"__proto__":{"a":1},"constructor":{"b":2}}') as object,
}

const countTwice = async (plugin: BenchPlugin, user: string): Promise<unknown[]> => {
  const context = { user }
  return [await plugin.call('count', null, { context }), await plugin.call('count', null, { context })]
}

const load = (bench: Bench, isolation: 'per-call' | 'per-plugin') => bench.load({ isolation })

/** See {@link ConformanceCase}. */
export const valueCases = {
  'value round trip': {
    title: 'a JSON value comes back as it went in',
    run: async (bench) => {
      await using plugin = await bench.load()
      for (const value of [intricate, 'text', 0, false, null, []]) {
        expect(await plugin.call('echo', value)).toEqual(value)
      }
      // In any order: tables of Lua have none.
      const nested = (await plugin.call('echo', intricate.nested)) as object
      expect(Object.keys(nested).toSorted()).toEqual(['__proto__', 'constructor'])
    },
  },
  'large value': {
    title: 'a text of a mebibyte comes back',
    run: async (bench) => {
      await using plugin = await bench.load()
      const text = '✓x'.repeat(262_144)
      expect((await plugin.call('echo', text)) === text).toBe(true)
    },
  },
  'raw bytes': {
    title: 'bytes go in and come out as they stand',
    run: async (bench) => {
      await using plugin = await bench.load()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
      expect(Buffer.from(await plugin.callRaw('echo', bytes)).equals(bytes)).toBe(true)
      expect(await plugin.callRaw('echo', new Uint8Array())).toHaveLength(0)
      expect(bytes[255]).toBe(255)
    },
  },
  'log lines': {
    title: 'a log line reaches the log of its own call',
    run: async (bench) => {
      await using plugin = await bench.load()
      await plugin.call('chat', 'ahoy')
      expect(plugin.lines).toEqual([expect.stringMatching(/^info .*ahoy/)])
    },
  },
  'fresh state': {
    title: 'with the isolation per-call every call starts afresh',
    run: async (bench) => {
      await using plugin = await load(bench, 'per-call')
      expect(await countTwice(plugin, 'alice')).toEqual([1, 1])
    },
  },
  'kept state': {
    title: 'with the isolation per-plugin state is kept for its security context and for no other',
    run: async (bench) => {
      await using plugin = await load(bench, 'per-plugin')
      expect(await countTwice(plugin, 'alice')).toEqual([1, 2])
      expect(await countTwice(plugin, 'bob')).toEqual([1, 2])
      expect(await plugin.call('count', null, { context: { user: 'alice', workspace: 'w' } })).toBe(1)
      const caller = { id: 'test:caller', name: 'caller', digest: '1'.repeat(64) }
      expect(await plugin.call('count', null, { context: { user: 'alice', chain: [caller] } })).toBe(1)
      const updated = { id: 'test:conformance', name: 'conformance', digest: '2'.repeat(64) }
      expect(await plugin.call('count', null, { context: { user: 'alice', principal: updated } })).toBe(1)
      expect(await plugin.call('count', null, { context: { user: 'alice' } })).toBe(3)
    },
  },
  'memory measured': {
    title: 'the memory of the instance is told with the result',
    run: async (bench) => {
      await using plugin = await bench.load()
      const { memoryBytes = 0 } = await plugin.invoke('echo', null)
      expect(memoryBytes).toBeGreaterThan(0)
    },
  },
} as const satisfies Record<string, ConformanceCase>
