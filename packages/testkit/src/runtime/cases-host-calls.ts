// Host calls: the round trip, refusals that travel back, and calls that must not meet each other.

import { BulkheadError, type WireValue } from '@bulkhead/kernel'
import { expect } from 'vitest'
import type { ConformanceCase } from './case.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Bytes in either form that a tier may give them: raw, or base64 (RFC 4648 section 4) in JSON. */
const bytesOf = (value: unknown): number[] => {
  if (value instanceof Uint8Array) return [...value]
  if (typeof value === 'string') return [...Buffer.from(value, 'base64')]
  throw new TypeError('neither bytes nor base64')
}

const member = (value: WireValue, name: string): unknown => (value as Record<string, unknown>)[name]

/** See {@link ConformanceCase}. */
export const hostCallCases = {
  'host call': {
    title: 'a host call carries a value there and back',
    run: async (bench) => {
      await using plugin = await bench.load()
      const host = (input: WireValue): WireValue => ({ got: input, more: ['✓', null, 1.5] })
      expect(await plugin.call('ask', { a: [1, '💧'] }, { host })).toEqual({
        got: { a: [1, '💧'] },
        more: ['✓', null, 1.5],
      })
    },
  },
  'host call with bytes': {
    title: 'bytes reach a host function and come back from it',
    run: async (bench) => {
      await using plugin = await bench.load()
      const asked: number[][] = []
      const host = (input: WireValue): WireValue => {
        const bytes = bytesOf(member(input, 'data'))
        asked.push(bytes)
        return { data: Uint8Array.from(bytes.toReversed()) }
      }
      const answer = await plugin.call('ask', { data: Uint8Array.of(0, 1, 254, 255) }, { host })
      expect(asked).toEqual([[0, 1, 254, 255]])
      expect(bytesOf(member(answer, 'data'))).toEqual([255, 254, 1, 0])
    },
  },
  'refusal travels back': {
    title: 'a refusal that the guest lets escape is the host’s own error, recognised by its id',
    run: async (bench) => {
      await using plugin = await bench.load()
      const refusal = new BulkheadError('capability.denied', 'conformance was not granted it', { hint: 'Grant it.' })
      const host = (): never => {
        throw refusal
      }
      await expect(plugin.call('ask', null, { host })).rejects.toBe(refusal)
      expect(await plugin.call('ask', null, { host: () => 'open' })).toBe('open')
    },
  },
  'guest failure': {
    title: 'a failure of the guest’s own is plugin.failed, whatever it says',
    run: async (bench) => {
      await using plugin = await bench.load()
      await expect(plugin.call('fail')).rejects.toMatchObject({
        code: 'plugin.failed',
        message: expect.stringContaining('not today'),
      })
      expect(await plugin.call('echo', 1)).toBe(1)
    },
  },
  'unknown action': {
    title: 'an action that is not there is named as such, and no inherited name is one',
    run: async (bench) => {
      await using plugin = await bench.load()
      for (const name of ['nowhere', 'constructor', '__proto__', '']) {
        await expect(plugin.call(name)).rejects.toMatchObject({
          code: expect.stringMatching(/^(?:action\.unknown|artifact\.export-missing)$/),
        })
      }
    },
  },
  'calls do not mix': {
    title: 'calls at once each get the answers of their own context',
    run: async (bench) => {
      await using plugin = await bench.load()
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          plugin.call(
            'ask',
            { n },
            {
              context: { user: `user-${n}` },
              host: async (input, context) => {
                await pause((n * 7) % 11)
                return { input, user: context.user ?? '' }
              },
            },
          ),
        ),
      )
      expect(answers).toEqual(Array.from({ length: 40 }, (_, n) => ({ input: { n }, user: `user-${n}` })))
    },
  },
  'one call an instance': {
    title: 'calls of one context on kept state never overlap, not even while one waits',
    run: async (bench) => {
      await using plugin = await bench.load({ isolation: 'per-plugin' })
      let inside = 0
      let most = 0
      const host = async (): Promise<null> => {
        most = Math.max(most, ++inside)
        await pause(2)
        inside--
        return null
      }
      await Promise.all(Array.from({ length: 6 }, () => plugin.call('ask', null, { host })))
      expect(most).toBe(1)
    },
  },
  'waiting calls share': {
    title: 'a call that waits for the host holds up no other',
    run: async (bench) => {
      await using plugin = await bench.load()
      const gate = Promise.withResolvers<WireValue>()
      const waiting = plugin.call('ask', null, { host: () => gate.promise })
      expect(await plugin.call('echo', 'passes')).toBe('passes')
      gate.resolve('opened')
      expect(await waiting).toBe('opened')
    },
  },
} as const satisfies Record<string, ConformanceCase>
