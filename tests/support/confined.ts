// Runs hostile programs in a confinement: shell scripts, Node scripts and bare system calls. Every one is bounded in what it
// tries, so that it does no harm where a defence is missing.

import { realpathSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { BulkheadError } from '@bulkhead/kernel'
import {
  type AppliedLimits,
  type CallsOutcome,
  type Confined,
  type ConfinedExit,
  type Confinement,
  type ProgramCall,
  runCalls as runConfinedCalls,
  startConfined,
  type StartOptions,
} from '@bulkhead/sandbox'

/** Where there is a sandbox. On Linux its tests never skip: where a tool is missing they fail, with the command to type. */
export const linux = process.platform === 'linux'

/** What differs from the plain confinement. */
export type ConfinementPart = Partial<Omit<Confinement, 'limits'>> & {
  readonly limits?: Partial<Confinement['limits']>
}

/** A confinement that grants nothing but the programs of the system. */
export const makeConfinement = (part: ConfinementPart): Confinement => ({
  argv: ['/bin/true'],
  workingFolder: '/tmp',
  readable: [],
  writable: [],
  sockets: [],
  environment: {},
  system: 'programs',
  network: 'none',
  tmpBytes: 1 << 20,
  ...part,
  limits: {
    ...{ memoryBytes: 256 << 20, cpuSeconds: 20, processes: 64, openFiles: 256, fileSizeBytes: 64 << 20 },
    ...part.limits,
  },
})

/** Starts; where the sandbox is missing, the failure of the test holds the command to type. */
export const start = async (part: ConfinementPart, options?: StartOptions): Promise<Confined> =>
  startConfined(makeConfinement(part), options).catch((error: unknown) => {
    throw error instanceof BulkheadError ? new Error(`${error.message} ${error.hint}`, { cause: error }) : error
  })

/** What came of a program. */
export interface Outcome extends ConfinedExit {
  readonly applied: AppliedLimits
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Uint8Array
}

/** Runs to the end. */
export const runToEnd = async (part: ConfinementPart, options?: StartOptions): Promise<Outcome> => {
  await using confined = await start(part, options)
  confined.stdin.end()
  const [bytes, stderr, exit] = await Promise.all([buffer(confined.stdout), buffer(confined.stderr), confined.exited])
  return { ...exit, applied: confined.applied, bytes, stdout: String(bytes), stderr: String(stderr) }
}

/** Runs a shell script. */
export const runShell = (script: string, part: ConfinementPart = {}, options?: StartOptions): Promise<Outcome> =>
  runToEnd({ ...part, argv: ['/bin/sh', '-c', script] }, options)

/** The Node that runs the tests, as a confined program sees it. */
export const nodePath = realpathSync(process.execPath)

/** What a Node script needs; it is a CommonJS script. */
export const nodeScript = (script: string, part: ConfinementPart = {}): ConfinementPart => ({
  ...part,
  argv: [nodePath, '-e', script],
  readable: [nodePath, ...(part.readable ?? [])],
})

/** Makes bare system calls from a program that sees nothing but itself. */
export const runCalls = (calls: readonly ProgramCall[], part: ConfinementPart = {}): Promise<CallsOutcome> =>
  runConfinedCalls(calls, makeConfinement({ system: 'none', ...part }))
