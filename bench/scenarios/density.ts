// Twenty plugins at once: memory of each, and what they cost while nobody calls them. Each kind has its own process.

import { runForked } from '../fork.ts'
import { floors, makeMeasure, type Measure } from '../measure.ts'
import { extismName } from '../peers/extism.ts'
import type { Density } from '../probes/density.ts'

const probe = (what: string): Promise<Density> => runForked(new URL('../probes/density.ts', import.meta.url), [what])

/** See the file's head. */
export const measureDensity = async (): Promise<readonly Measure[]> => {
  const extism = await probe('Extism')
  const measures: Measure[] = []
  for (const kind of ['TypeScript', 'wasm'] as const) {
    const ours = await probe(kind)
    const peerOf = (key: keyof Density) =>
      kind === 'wasm' && key !== 'idleCpuPercent' ? { peer: { name: extismName('thread'), value: extism[key] } } : {}
    measures.push(
      makeMeasure({
        name: `memory per plugin of 20, loaded, ${kind}, thread`,
        unit: 'MiB',
        ours: ours.loadedMiB,
        ...peerOf('loadedMiB'),
        most: floors.memoryMiB,
      }),
      makeMeasure({
        name: `memory per plugin of 20, after 20 calls each, ${kind}, thread`,
        unit: 'MiB',
        ours: ours.calledMiB,
        ...peerOf('calledMiB'),
        most: floors.memoryMiB,
      }),
      makeMeasure({
        name: `CPU while 20 plugins are idle, of one core, ${kind}, thread`,
        unit: '%',
        ours: ours.idleCpuPercent,
        most: floors.idleCpuPercent,
      }),
    )
  }
  return measures
}
