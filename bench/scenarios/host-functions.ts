// The host functions that the plugin `asks` calls: 20 µs of work with and without a capability, and a wait of 50 ms.

import { setTimeout as sleep } from 'node:timers/promises'
import { type AnyHostFunction, defineHostFunction } from '@bulkhead/host'
import { z } from 'zod'

/** What it asks for; who measures grants it. */
export const capability = 'bench.use'

/** How long `wait` takes, ms. */
export const waitMs = 50

const workMs = 0.02

const work = (): Record<string, never> => {
  const endsAt = performance.now() + workMs
  while (performance.now() < endsAt);
  return {}
}

const declare = (name: string, risk: 'read-only' | 'write', needed?: string) =>
  defineHostFunction({
    name: `bench.${name}`,
    input: z.strictObject({}),
    output: z.strictObject({}),
    needs: () => (needed === undefined ? [] : [{ name: needed }]),
    risk,
    run: work,
  })

/** See the file's head. */
export const benchFunctions: readonly AnyHostFunction[] = [
  declare('plain', 'read-only'),
  declare('read', 'read-only', capability),
  declare('write', 'write', capability),
  defineHostFunction({
    name: 'bench.wait',
    input: z.strictObject({}),
    output: z.strictObject({}),
    needs: () => [],
    run: async () => {
      await sleep(waitMs)
      return {}
    },
  }),
]
