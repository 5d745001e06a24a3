// Ten thousand plugins in a folder: the time until a host that was told of the folder has listed them.

import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { median, timeOf } from '../harness.ts'
import type { Measure } from '../measure.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { sized } from '../quick.ts'

const plugins = 10_000
const rounds = 3

/** See the file's head. */
export const measureDiscovery = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  const count = sized(plugins, 100)
  for (let index = 0; index < count; index++) await folder.write({ name: `plugin-${index}`, kind: 'JavaScript' })
  const taken: number[] = []
  for (let round = 0; round < sized(rounds, 1); round++) {
    let listed = 0
    taken.push(
      await timeOf(async () => {
        await using host = await openHost({ home: folder.home, plugins: [folder.plugins] })
        listed = host.listPlugins().length
      }),
    )
    if (listed !== count) throw new Error(`${listed} of ${count} plugins were listed`)
  }
  return judge(goals.discovery, { ours: median(taken) })
}
