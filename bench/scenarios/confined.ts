// Programs in the sandbox of the operating system beside the same programs without one: until they have begun to run, and while they
// compute. A native program has begun when it has ended with nothing to do; Node when its script has written a word.

import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { type Confinement, startConfined } from '@bulkhead/sandbox'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { median, sampleInTurns, medians } from '../harness.ts'
import type { Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { sized } from '../quick.ts'

const native = '/bin/true'
const node = realpathSync(process.execPath)
const sampling = { warmUp: 3, samples: 60, budgetMs: 12_000, blockSize: 1 }
const jobRounds = 25
/** Computes for about 200 ms, and writes how much processor time that took, ms: what else the machine does is not in it. */
const job = `const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); fib(20)
  const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
  const before = used(); fib(35); console.log(used() - before)`

const confinement = (argv: readonly string[]): Confinement => ({
  argv,
  workingFolder: '/tmp',
  readable: argv[0] === node ? [node] : [],
  writable: [],
  sockets: [],
  environment: {},
  system: argv[0] === node ? 'libraries' : 'programs',
  network: 'none',
  tmpBytes: 2 ** 20,
  limits: { memoryBytes: 2 ** 28, cpuSeconds: 60, processes: 64, openFiles: 256, fileSizeBytes: 2 ** 20 },
})

const confined = async (argv: readonly string[]): Promise<string> => {
  await using program = await startConfined(confinement(argv))
  const said = text(program.stdout)
  await program.exited
  return said
}

const plainly = async ([program = '', ...rest]: readonly string[]): Promise<string> => {
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  return text(child.stdout)
}

/** See the file's head. */
export const measureConfined = async (): Promise<readonly Measure[]> => {
  const hello = [node, '-e', 'console.log(1)']
  const starts = medians(
    await sampleInTurns(
      {
        native: () => confined([native]),
        nativePlain: () => plainly([native]),
        node: () => confined(hello),
        nodePlain: () => plainly(hello),
      },
      sampling,
    ),
  )
  const inside: number[] = []
  const outside: number[] = []
  for (let round = 0; round < sized(jobRounds, 2); round++) {
    inside.push(Number(await confined([node, '-e', job])))
    outside.push(Number(await plainly([node, '-e', job])))
  }
  const {
    native: ours = Number.NaN,
    nativePlain = Number.NaN,
    node: oursNode = Number.NaN,
    nodePlain = Number.NaN,
  } = starts
  const peers = (figure: number) => ({ [peerNames.unconfined]: figure })
  return [
    ...judge(goals.confinedNative, { ours, peers: peers(nativePlain) }),
    ...judge(goals.confinedNode, { ours: oursNode, peers: peers(nodePlain) }),
    ...judge(goals.confinedJob, { ours: median(inside), peers: peers(median(outside)) }),
  ]
}
