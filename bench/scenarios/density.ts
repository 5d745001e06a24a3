// Twenty plugins at once: memory of each, and what they cost while nobody calls them. Each kind has its own process.

import { runForked } from '../fork.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import type { Density } from '../probes/density.ts'

const memoryTargets = [{ below: floors.memoryMiB }]

const probe = (what: string): Promise<Density> => runForked(new URL('../probes/density.ts', import.meta.url), [what])

/** See the file's head. */
export const measureDensity = async (): Promise<readonly Measure[]> => {
  const extism = await probe('Extism')
  const measures: Measure[] = []
  for (const kind of ['TypeScript', 'wasm'] as const) {
    const ours = await probe(kind)
    const memory = (name: string, figure: 'loadedMiB' | 'calledMiB') =>
      compare({
        name: `memory per plugin of 20, ${name}, ${kind}, thread`,
        unit: 'MiB',
        ours: ours[figure],
        ...(kind === 'wasm' ? { peers: { [peerNames.extismThread]: extism[figure] } } : {}),
        targets: memoryTargets,
      })
    measures.push(
      ...memory('loaded', 'loadedMiB'),
      ...memory('after 20 calls each', 'calledMiB'),
      ...compare({
        name: `CPU while 20 plugins are idle, of one core, ${kind}, thread`,
        unit: '%',
        ours: ours.idleCpuPercent,
        targets: [{ below: floors.idleCpuPercent }],
      }),
    )
  }
  return measures
}
