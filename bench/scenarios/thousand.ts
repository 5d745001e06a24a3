// A thousand plugins at once, no two alike, as one host of many small tenants has them: memory of the whole process, and
// what they cost while nobody calls them.

import { runForked } from '../fork.ts'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { compare, floors, type Measure } from '../measure.ts'
import type { Thousand } from '../probes/thousand.ts'
import { sized } from '../quick.ts'

const plugins = 1000
const scripts = 200

const probe = (kind: string, count: number): Promise<Thousand> =>
  runForked(new URL('../probes/thousand.ts', import.meta.url), [kind, String(sized(count, 50))])

/** See the file's head. */
export const measureThousand = async (): Promise<readonly Measure[]> => {
  const wasm = await probe('wasm', plugins)
  const script = await probe('JavaScript', scripts)
  const name = 'memory of the whole process'
  return [
    ...judge(goals.thousandMemory, { ours: wasm.loadedMiB }),
    ...judge(goals.thousandIdle, { ours: wasm.idleCpuPercent }),
    ...compare({ name: `${name} with 1,000 wasm plugins, after a call each`, unit: 'MiB', ours: wasm.calledMiB }),
    ...compare({
      name: 'load one of 1,000 wasm plugins, mean',
      unit: 'ms',
      ours: wasm.loadMs,
      targets: [{ below: floors.loadMs }],
    }),
    ...compare({
      name: `${name} with ${scripts} JavaScript plugins loaded and idle`,
      unit: 'MiB',
      ours: script.loadedMiB,
    }),
    ...compare({
      name: `${name} with ${scripts} JavaScript plugins, after a call each`,
      unit: 'MiB',
      ours: script.calledMiB,
    }),
    ...compare({
      name: `CPU while ${scripts} JavaScript plugins are idle, of one core`,
      unit: '%',
      ours: script.idleCpuPercent,
      targets: [{ below: floors.idleCpuPercent }],
    }),
  ]
}
