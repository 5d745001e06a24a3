// A TypeScript plugin in a Node process, under its sandbox: start, round trip, memory, idleness, and what machine code is worth
// beside the interpreter of the script tier. It is an example of ours, with one line of its manifest changed for the latter.

import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Host, openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { medians, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { cpuMs, processesBelow, proportionalMiB } from '../processes.ts'
import { sized } from '../quick.ts'

const example = fileURLToPath(new URL('../../examples/node-typescript', import.meta.url))
const plugin = 'node-typescript'
const tree = 27
const digest = { text: 'x'.repeat(1024), times: 500 }

/** A host of its own, since both copies have one name. */
const openTier = async (folder: string, home: string, tier: 'process' | 'script'): Promise<Host> => {
  const at = join(folder, tier)
  await cp(example, at, { recursive: true })
  const path = join(at, 'plugin.yaml')
  const manifest = await readFile(path, 'utf8')
  await writeFile(path, manifest.replace(/^ {2}tier: process$/m, `  tier: ${tier}`))
  return openHost({ home: join(home, tier), plugins: [at] })
}

const measureIdle = async (pids: readonly number[], forMs: number): Promise<number> => {
  const sum = (): number => pids.reduce((total, pid) => total + cpuMs(pid), 0)
  const before = sum()
  await sleep(forMs)
  return (100 * (sum() - before)) / forMs / pids.length
}

/** See the file's head. */
export const measureNodePlugin = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using inNode = await openTier(folder.plugins, folder.home, 'process')
  await using interpreted = await openTier(folder.plugins, folder.home, 'script')
  await inNode.call(plugin, 'fibonacci', 1)
  const [first = 0] = processesBelow('node', 'bootstrap.mjs')
  await sleep(sized(2000, 200))
  const memory = proportionalMiB(first)
  const idle = await measureIdle([first], sized(10_000, 500))
  const { warm = Number.NaN } = medians(
    await sampleInTurns(
      { warm: () => inNode.call(plugin, 'fibonacci', 1) },
      { warmUp: 1000, samples: 3000, budgetMs: 10_000 },
    ),
  )
  const work = { warmUp: 30, samples: 60, budgetMs: 20_000, blockSize: 5 }
  const fibonacci = medians(
    await sampleInTurns(
      {
        node: () => inNode.call(plugin, 'fibonacci', tree),
        interpreter: () => interpreted.call(plugin, 'fibonacci', tree),
      },
      work,
    ),
  )
  const digests = medians(
    await sampleInTurns(
      {
        node: () => inNode.call(plugin, 'digest', digest),
        interpreter: () => interpreted.call(plugin, 'digest', digest),
      },
      work,
    ),
  )
  let users = 0
  // Each user has a process of their own, started for this call.
  const { start = Number.NaN } = medians(
    await sampleInTurns(
      { start: () => inNode.call(plugin, 'fibonacci', 1, { user: `user ${++users}` }) },
      { warmUp: 3, samples: 30, budgetMs: 20_000 },
    ),
  )
  const against = ({ interpreter = Number.NaN }: Readonly<Record<string, number>>) => ({
    [peerNames.interpreter]: interpreter,
  })
  const { node: ours = Number.NaN } = digests
  return [
    ...judge(goals.nodeStart, { ours: start }),
    ...judge(goals.nodeMemory, { ours: memory }),
    ...judge(goals.nodeIdle, { ours: idle }),
    ...judge(goals.nodeCall, { ours: warm }),
    ...judge(goals.nodeWork, { ours, peers: against(digests) }),
    ...compare({
      name: `fibonacci(${tree}) in TypeScript, Node process`,
      unit: 'ms',
      ours: fibonacci['node'] ?? Number.NaN,
      peers: against(fibonacci),
    }),
  ]
}
