// A thousand calls at once, each of which waits 50 ms in a host function: a plugin that waits must hold nobody up. The first
// round makes the instances, the later ones find them.

import { setTimeout as sleep } from 'node:timers/promises'
import { defineHostFunction, openHost } from '@bulkhead/host'
import { z } from 'zod'
import { median, timeOf } from '../harness.ts'
import { makeMeasure, type Measure } from '../measure.ts'
import { openBenchFolder, type PluginKind } from '../plugins.ts'

const calls = 1000
const waitMs = 50
const rounds = 5

const wait = defineHostFunction({
  name: 'bench.wait',
  input: z.strictObject({}),
  output: z.strictObject({}),
  needs: () => [],
  run: async () => {
    await sleep(waitMs)
    return {}
  },
})
const unused = (['plain', 'read', 'write'] as const).map((name) =>
  defineHostFunction({ ...wait, name: `bench.${name}` }),
)

/** See the file's head. */
export const measureWaiting = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({
    home: folder.home,
    functions: [wait, ...unused],
    policy: { limits: { concurrency: calls } },
  })
  const peer = {
    name: `${calls} bare timers`,
    value: await timeOf(() => Promise.all(Array.from({ length: calls }, () => sleep(waitMs)))),
  }
  const measures: Measure[] = []
  for (const kind of ['JavaScript', 'wasm'] satisfies readonly PluginKind[]) {
    const { id } = await host.loadPlugin(await folder.write({ name: kind.toLowerCase(), kind, source: 'asks' }))
    await host.call(id, 'wait')
    const taken: number[] = []
    for (let round = 0; round < rounds; round++)
      taken.push(await timeOf(() => Promise.all(Array.from({ length: calls }, () => host.call(id, 'wait')))))
    const [first = Number.NaN, ...later] = taken
    const name = `${calls} calls at once that wait ${waitMs} ms, one ${kind} plugin, thread`
    const goals = kind === 'wasm' ? { fresh: { most: 600 }, warm: { most: 250 } } : { fresh: {}, warm: {} }
    measures.push(
      makeMeasure({ name: `${name}, fresh instances`, unit: 'ms', ours: first, peer, ...goals.fresh }),
      makeMeasure({ name: `${name}, warm instances`, unit: 'ms', ours: median(later), peer, ...goals.warm }),
    )
  }
  return measures
}
