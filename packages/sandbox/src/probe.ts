// What the probes of the sandbox have together: their shape, the calls they make and the confinement they make them in.

import type { ProgramCall } from './call-program.ts'
import type { Confinement } from './confinement.ts'
import type { CallsOutcome } from './run-calls.ts'
import type { Architecture } from './system-calls.ts'

/** What an attempt has to work with. */
export interface ProbeContext {
  readonly architecture: Architecture
  /** A folder of the host with a file `secret` in it, which is given to no program but as said. */
  readonly folder: string
}

/** One promise and the attempt to break it. */
export interface Probe {
  /** A word for programs. */
  readonly name: string
  /** The promise, for people. */
  readonly promise: string
  /** Resolves to what was seen when the promise is broken. */
  attempt(context: ProbeContext): Promise<string | undefined>
}

export const mebibyte = 2 ** 20

/** Calls that the filter does not look at: number on x64, on arm64. */
const plainCalls = {
  read: [0, 63],
  kill: [62, 129],
  connect: [42, 203],
  mmap: [9, 222],
  nanosleep: [35, 101],
  dup: [32, 23],
  ftruncate: [77, 46],
  fallocate: [285, 47],
} as const
/** Its number here. */
export const plain = (name: keyof typeof plainCalls, architecture: Architecture): number =>
  plainCalls[name][architecture === 'x64' ? 0 : 1]

/** AT_FDCWD. */
export const currentFolder = -100
/** O_CREAT and O_WRONLY. */
export const creating = 0o101

/** A confinement that grants nothing. */
export const bareConfinement: Omit<Confinement, 'argv'> = {
  workingFolder: '/tmp',
  readable: [],
  writable: [],
  sockets: [],
  environment: {},
  system: 'none',
  network: 'none',
  tmpBytes: mebibyte,
  limits: { memoryBytes: 16 * mebibyte, cpuSeconds: 5, processes: 4, openFiles: 32, fileSizeBytes: 64 * mebibyte },
}

/** A call that opens a file. */
export const open = (path: string, flags = 0, mode = 0): ProgramCall => ({
  call: 'openat',
  arguments: [currentFolder, path, flags, mode],
})

/** Says what differs from the errors expected, one for each call. */
export const compare = ({ answers, exit }: CallsOutcome, expected: readonly number[], names: readonly string[]) => {
  if (answers.length === 0) return `the program ended before it could try (${exit.reason}, code ${exit.code})`
  const broken = names.filter((_, index) => answers[index] !== -(expected[index] as number))
  return broken.length === 0 ? undefined : `${broken.join(', ')}: not refused as expected`
}
/** The value, so many times. */
export const all = (count: number, value: number): number[] => Array.from({ length: count }, () => value)
