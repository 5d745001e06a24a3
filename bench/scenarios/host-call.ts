// What the gate and the audit add to a host call: the same function, doing 20 µs of work, with and without a capability.

import { defineHostFunction, openHost } from '@bulkhead/host'
import { z } from 'zod'
import { percentile, sampleInTurns } from '../harness.ts'
import { makeMeasure, type Measure } from '../measure.ts'
import { hostCallsPerCall, openBenchFolder } from '../plugins.ts'

const sampling = { warmUp: 50, samples: 200, budgetMs: 6000 }
const workMs = 0.02

const work = (): Record<string, never> => {
  const endsAt = performance.now() + workMs
  while (performance.now() < endsAt);
  return {}
}

const declare = (name: string, risk: 'read-only' | 'write', capability?: string) =>
  defineHostFunction({
    name: `bench.${name}`,
    input: z.strictObject({}),
    output: z.strictObject({}),
    needs: () => (capability === undefined ? [] : [{ name: capability }]),
    risk,
    run: work,
  })

const functions = [
  declare('plain', 'read-only'),
  declare('read', 'read-only', 'bench.use'),
  declare('write', 'write', 'bench.use'),
  declare('wait', 'read-only'),
]

/** See the file's head. */
export const measureHostCalls = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  const grants = { script: ['bench.use'], wasm: ['bench.use'] }
  await using host = await openHost({ home: folder.home, functions, policy: { grants } })
  const measures: Measure[] = []
  for (const [id, kind] of [
    ['script', 'JavaScript'],
    ['wasm', 'wasm'],
  ] as const) {
    await host.loadPlugin(await folder.write({ name: id, kind, source: 'asks', keepsState: true }))
    const taken = await sampleInTurns(
      {
        plain: () => host.call(id, 'plain'),
        read: () => host.call(id, 'read'),
        write: () => host.call(id, 'write'),
      },
      sampling,
    )
    const each = (name: string): number => (percentile(taken[name] ?? [], 0.5) / hostCallsPerCall) * 1000
    const peer = { name: 'the same without gate and audit', value: each('plain') }
    measures.push(
      makeMeasure({ name: `host call that reads, ${kind}, thread`, unit: 'µs', ours: each('read'), peer, mostTimes: 1.2 }),
      makeMeasure({
        name: `host call that writes (record on disk first), ${kind}, thread`,
        unit: 'µs',
        ours: each('write'),
        peer,
      }),
    )
  }
  return measures
}
