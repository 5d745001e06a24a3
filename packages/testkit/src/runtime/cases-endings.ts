// Endings: cancelled calls, answers that come too late, and disposal that leaves nothing behind.

import { BulkheadError, type WireValue } from '@bulkhead/kernel'
import { expect } from 'vitest'
import type { Bench } from './bench.ts'
import type { ConformanceCase } from './case.ts'

const cancelled = (): BulkheadError => new BulkheadError('call.cancelled', 'the caller went away')

/** The operating system may take a moment to see a thread off. */
const noMoreThan = (bench: Bench, before: number): Promise<void> =>
  expect.poll(() => bench.leftovers(), { timeout: 5000 }).toBeLessThanOrEqual(before)

/** See {@link ConformanceCase}. */
export const endingCases = {
  'cancelled before': {
    title: 'a call that was cancelled before it began runs nothing',
    run: async (bench) => {
      await using plugin = await bench.load()
      const reason = cancelled()
      let asked = 0
      const call = plugin.call('ask', null, {
        context: { signal: AbortSignal.abort(reason) },
        host: () => ++asked,
      })
      await expect(call).rejects.toMatchObject({ code: 'call.cancelled', message: reason.message })
      expect(await plugin.call('echo', 1)).toBe(1)
      expect(asked).toBe(0)
    },
  },
  'cancelled while it runs': {
    title: 'a call that never waits ends when its signal aborts',
    run: async (bench) => {
      await using plugin = await bench.load()
      const abort = new AbortController()
      const call = plugin.call('spin', null, { context: { signal: abort.signal } })
      setTimeout(() => abort.abort(cancelled()), 50)
      await expect(call).rejects.toMatchObject({ code: 'call.cancelled', message: 'the caller went away' })
      expect(await plugin.call('echo', 1)).toBe(1)
    },
  },
  'cancelled while it waits': {
    title: 'a call that waits for the host ends when its signal aborts, and the late answer reaches nobody',
    run: async (bench) => {
      await using plugin = await bench.load({ isolation: 'per-plugin' })
      const abort = new AbortController()
      const late = Promise.withResolvers<WireValue>()
      const call = plugin.call('ask', null, {
        context: { signal: abort.signal },
        host: () => {
          abort.abort(cancelled())
          return late.promise
        },
      })
      await expect(call).rejects.toMatchObject({ code: 'call.cancelled', message: 'the caller went away' })
      const next = plugin.call('ask', 'next', {
        host: async (input) => {
          late.resolve('late')
          await new Promise((resolve) => setTimeout(resolve, 20))
          return input
        },
      })
      expect(await next).toBe('next')
    },
  },
  'unloading ends calls': {
    title: 'calls in flight fail when their plugin is unloaded, and later ones are refused',
    run: async (bench) => {
      const plugin = await bench.load()
      const waiting = Promise.withResolvers<void>()
      const call = plugin.call('ask', null, {
        host: () => {
          waiting.resolve()
          return new Promise<never>(() => {})
        },
      })
      call.catch(() => undefined)
      await waiting.promise
      await plugin[Symbol.asyncDispose]()
      await expect(call).rejects.toMatchObject({ code: 'plugin.crashed' })
      await expect(plugin.call('echo', 1)).rejects.toMatchObject({ code: 'host.closed' })
      await plugin[Symbol.asyncDispose]()
    },
  },
  'unloading ends loops': {
    title: 'a loop ends when its plugin is unloaded',
    run: async (bench) => {
      const before = bench.leftovers()
      const plugin = await bench.load()
      const call = plugin.call('spin')
      call.catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await plugin[Symbol.asyncDispose]()
      await expect(call).rejects.toMatchObject({ code: 'plugin.crashed' })
      await noMoreThan(bench, before)
    },
  },
  'load given up': {
    title: 'a load ends with the reason of its signal and leaves nothing behind',
    run: async (bench) => {
      const before = bench.leftovers()
      await expect(bench.load({ signal: AbortSignal.abort(cancelled()) })).rejects.toMatchObject({
        code: 'call.cancelled',
        message: 'the caller went away',
      })
      await noMoreThan(bench, before)
    },
  },
  'nothing is left': {
    title: 'an unloaded plugin leaves nothing behind',
    run: async (bench) => {
      const before = bench.leftovers()
      const plugins = await Promise.all([1, 2, 3].map(() => bench.load()))
      await Promise.all(plugins.map((plugin) => plugin.call('echo', 1)))
      await Promise.all(plugins.map((plugin) => plugin[Symbol.asyncDispose]()))
      await noMoreThan(bench, before)
    },
  },
} as const satisfies Record<string, ConformanceCase>
