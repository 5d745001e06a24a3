// What must be shown: every goal with its targets, and the scenario that shows it. The benchmark fails when a scenario
// leaves one out. Figures are taken elsewhere.

import { languageGoals } from './language-goals.ts'
import { compare, type Comparison, type Measure, type Target } from './measure.ts'
import { peerNames } from './peers/names.ts'

/** One measure that has targets. */
export interface Goal extends Pick<Comparison, 'name' | 'unit'> {
  /** By the name that `--only` takes. */
  readonly scenario: string
  readonly targets: readonly Target[]
}

const { extismThread, extismInline, interpreter, plain, postMessage, quickJsModule } = peerNames
const { unconfined, ungated, unmetered, withoutSpare } = peerNames

/** Goals that stand alone. */
export const goals = {
  threadKept: {
    scenario: 'warm-thread',
    name: 'warm call, wasm, thread, kept state, 16 B, p50',
    unit: 'µs',
    targets: [{ atMost: 30 }, { peer: postMessage, atMostTimes: 2 }, { peer: extismThread, atLeastTimesBetter: 4 }],
  },
  threadFresh: {
    scenario: 'warm-thread',
    name: 'warm call, wasm, thread, fresh state, 1 MiB memory, 16 B, p50',
    unit: 'µs',
    targets: [{ atMost: 60 }],
  },
  throughput: {
    scenario: 'throughput',
    name: 'calls a second of CPU time, wasm, thread, fresh state, 1 MiB memory',
    unit: 'calls/s',
    targets: [{ atLeast: 5000 }],
  },
  inlineCall: {
    scenario: 'warm-inline',
    name: 'warm call, wasm, inline, kept state, 16 B, p50: host.call, with schema and audit',
    unit: 'µs',
    targets: [{ atMost: 3 }, { peer: extismInline, atLeastTimesBetter: 2 }],
  },
  inlineRaw: {
    scenario: 'warm-inline',
    name: 'warm call, wasm, inline, kept state, 16 B, p50: invokeRaw, bytes to bytes, with audit',
    unit: 'µs',
    targets: [{ atMost: 3 }, { peer: extismInline, atLeastTimesBetter: 2 }],
  },
  bytes: {
    scenario: 'bytes',
    name: '1 MiB of raw bytes in and out, wasm, thread, kept state',
    unit: 'MB/s',
    targets: [{ atLeast: 500 }, { peer: extismThread, atLeastTimesBetter: 5 }],
  },
  largeModule: {
    scenario: 'large-module',
    name: 'fresh instance of a 1.9 MB module, thread, to first result, p50',
    unit: 'ms',
    targets: [{ atMost: 1 }, { peer: extismThread, atLeastTimesBetter: 20 }],
  },
  largeModuleMemory: {
    scenario: 'large-module',
    name: 'memory of each instance of a 1.9 MB module, thread',
    unit: 'MiB',
    targets: [{ atMost: 2 }],
  },
  sandbox: {
    scenario: 'script-sandbox',
    name: 'fresh JavaScript sandbox with its own memory, thread, to first result, p50',
    unit: 'ms',
    targets: [{ atMost: 1 }, { peer: quickJsModule, atLeastTimesBetter: 4 }],
  },
  ...languageGoals,
  confinedNative: {
    scenario: 'confined',
    name: 'a native program in the sandbox, from its start to its end, p50',
    unit: 'ms',
    targets: [{ atMost: 40 }],
  },
  confinedNode: {
    scenario: 'confined',
    name: 'Node in the sandbox, from its start to the end of a script of one word, p50',
    unit: 'ms',
    targets: [{ atMost: 150 }],
  },
  confinedJob: {
    scenario: 'confined',
    name: 'processor time of a job that computes in Node, in the sandbox, p50',
    unit: 'ms',
    targets: [{ peer: unconfined, atMostTimes: 1.02 }],
  },
  jailCall: {
    scenario: 'jail',
    name: 'warm call, wasm, jail, kept state, 16 B, p50',
    unit: 'µs',
    targets: [{ atMost: 80 }],
  },
  jailStart: {
    scenario: 'jail',
    name: 'load and first call, wasm, in a jail from a spare, p50',
    unit: 'ms',
    targets: [{ peer: withoutSpare, atMostTimes: 0.5 }],
  },
  jailMemoryWasm: {
    scenario: 'jail',
    name: 'proportional memory of a jail after 2,000 calls, wasm',
    unit: 'MiB',
    targets: [{ atMost: 60 }],
  },
  jailMemoryScript: {
    scenario: 'jail',
    name: 'proportional memory of a jail after 2,000 calls, JavaScript',
    unit: 'MiB',
    targets: [{ atMost: 60 }],
  },
  jailIdle: {
    scenario: 'jail',
    name: 'CPU of a jail that is idle, of one core',
    unit: '%',
    targets: [{ atMost: 0 }],
  },
  bystander: {
    scenario: 'stop',
    name: 'calls of another plugin on that thread that failed or lost their state meanwhile',
    unit: 'calls',
    targets: [{ atMost: 0 }],
  },
  waitingWarm: {
    scenario: 'waiting',
    name: '1,000 calls at once that wait 50 ms in a host function, wasm, warm instances',
    unit: 'ms',
    targets: [{ below: 250 }],
  },
  waitingFresh: {
    scenario: 'waiting',
    name: '1,000 calls at once that wait 50 ms in a host function, wasm, fresh instances',
    unit: 'ms',
    targets: [{ below: 600 }],
  },
  thousandMemory: {
    scenario: 'thousand',
    name: 'memory of the whole process with 1,000 wasm plugins loaded and idle',
    unit: 'MiB',
    targets: [{ atMost: 1024 }],
  },
  thousandIdle: {
    scenario: 'thousand',
    name: 'CPU while 1,000 wasm plugins are idle, of one core',
    unit: '%',
    targets: [{ atMost: 1 }],
  },
  processJsonRpc: {
    scenario: 'process-messages',
    name: 'message to a process, jsonrpc, Node, p50',
    unit: 'µs',
    targets: [{ atMost: 300 }],
  },
  processGrpc: {
    scenario: 'process-messages',
    name: 'message to a process, go-plugin (gRPC, mutual TLS), Node, p50',
    unit: 'µs',
    targets: [{ atMost: 800 }],
  },
  discovery: {
    scenario: 'discovery',
    name: '10,000 plugins discovered and listed',
    unit: 'ms',
    targets: [{ below: 2000 }],
  },
  nodeStart: {
    scenario: 'node-plugin',
    name: 'Node process of a TypeScript plugin, sandboxed, start to first result, p50',
    unit: 'ms',
    targets: [{ atMost: 150 }],
  },
  nodeMemory: {
    scenario: 'node-plugin',
    name: 'proportional memory of a Node process of a TypeScript plugin, the only one',
    unit: 'MiB',
    targets: [{ atMost: 50 }],
  },
  nodeIdle: {
    scenario: 'node-plugin',
    name: 'CPU of a Node process of a TypeScript plugin that is idle, of one core',
    unit: '%',
    targets: [{ atMost: 0 }],
  },
  nodeCall: {
    scenario: 'node-plugin',
    name: 'warm call, TypeScript in a Node process, kept state, p50: host.call, with schema and audit',
    unit: 'ms',
    targets: [{ atMost: 0.3 }],
  },
  nodeWork: {
    scenario: 'node-plugin',
    name: 'SHA-256 in TypeScript, 500 digests, Node process',
    unit: 'ms',
    targets: [{ peer: interpreter, atLeastTimesBetter: 5 }],
  },
} as const satisfies Readonly<Record<string, Goal>>

/** CPU-bound work that is compared with and without what the meter adds. */
export const kernels = ['fib', 'sieve', 'matmul', 'sha256', 'json'] as const
/** The same for code of an interpreter. */
export const scriptKernels = ['fib', 'sieve', 'json'] as const
/** Guests that would never stop of themselves. */
export const hostiles = [
  'wasm: a loop',
  'JavaScript: for (;;)',
  'JavaScript: sort',
  'JavaScript: indexOf in 2^31 elements',
  'JavaScript: a regular expression that explodes',
] as const
/** Where host calls are made from. */
export const callers = ['wasm, thread', 'JavaScript, thread', 'wasm, inline'] as const

/** An entry of one of the lists above. */
export type Kernel = (typeof kernels)[number]
/** See {@link scriptKernels}. */
export type ScriptKernel = (typeof scriptKernels)[number]
/** See {@link hostiles}. */
export type Hostile = (typeof hostiles)[number]
/** See {@link callers}. */
export type Caller = (typeof callers)[number]

const forEach = <Key extends string>(keys: readonly Key[], make: (key: Key) => Goal): Readonly<Record<Key, Goal>> =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Goal>

/** Goals that are the same for several things. */
export const goalsOf = {
  epoch: forEach(kernels, (kernel) => ({
    scenario: 'metering',
    name: `epoch checks in CPU-bound code: ${kernel}`,
    unit: 'ms',
    targets: [{ peer: plain, atMostTimes: 1.05 }],
  })),
  fuel: forEach(kernels, (kernel) => ({
    scenario: 'metering',
    name: `epoch checks and fuel in CPU-bound code: ${kernel}`,
    unit: 'ms',
    targets: [{ peer: plain, atMostTimes: 1.3 }],
  })),
  interpreter: forEach(scriptKernels, (kernel) => ({
    scenario: 'script-metering',
    name: `epoch checks in a script interpreter: ${kernel}`,
    unit: 'ms',
    targets: [{ peer: unmetered, atMostTimes: 1.15 }],
  })),
  stop: forEach(hostiles, (hostile) => ({
    scenario: 'stop',
    name: `stopped after the deadline, p99, ${hostile}`,
    unit: 'ms',
    targets: [{ atMost: 5 }],
  })),
  hostCall: forEach(callers, (caller) => ({
    scenario: 'host-call',
    name: `host call that does 20 µs of work, with gate and audit, ${caller}`,
    unit: 'µs',
    targets: [{ peer: ungated, atMostTimes: 1.2 }],
  })),
}

/** All of them. */
export const allGoals: readonly Goal[] = [
  ...Object.values(goals),
  ...Object.values(goalsOf).flatMap((group) => Object.values(group)),
]

/** The lines of a goal. @throws Error for a target against a peer that was not measured */
export const judge = ({ name, unit, targets }: Goal, figures: Pick<Comparison, 'ours' | 'peers'>): readonly Measure[] =>
  compare({ name, unit, targets, ...figures })

/** Goals of a scenario that have no line among these. */
export const missingGoals = (scenario: string, measures: readonly Pick<Measure, 'name'>[]): readonly string[] =>
  allGoals
    .filter((goal) => goal.scenario === scenario && measures.every(({ name }) => name !== goal.name))
    .map(({ name }) => name)
