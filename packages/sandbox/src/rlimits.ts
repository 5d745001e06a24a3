// Limits of single processes: the arguments of prlimit(1), and the kernel's own word on what is in force. Pure.

import type { ConfinementLimits } from './confinement.ts'

/** Limits as /proc/<pid>/limits tells them; `undefined` is unlimited. */
export interface ProcessLimits {
  readonly cpuSeconds: number | undefined
  readonly fileSizeBytes: number | undefined
  readonly dataBytes: number | undefined
  readonly processes: number | undefined
  readonly openFiles: number | undefined
}

/**
 * What a runtime maps and hardly touches, which RLIMIT_DATA counts all the same: an idle Node 26 has 574 MiB of it. A
 * host without memory groups bounds a process to its limit and this.
 */
const mappedBytes = 768 * 2 ** 20

/**
 * Limits to start the sandbox under. `boundData` bounds the private writable memory of each process (RLIMIT_DATA), for
 * hosts without a memory group; RLIMIT_AS would stop Node, which reserves hundreds of times more than it uses.
 */
export const rlimitArguments = (limits: ConfinementLimits, boundData: boolean): string[] => [
  '--core=0:0',
  // The soft limit ends the program with a signal that says why; the hard one ends a program that catches it.
  `--cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 1}`,
  `--nofile=${limits.openFiles}:${limits.openFiles}`,
  `--fsize=${limits.fileSizeBytes}:${limits.fileSizeBytes}`,
  ...(boundData ? [`--data=${limits.memoryBytes + mappedBytes}:${limits.memoryBytes + mappedBytes}`] : []),
]

/**
 * The limit on processes. It is set on process 1 of the sandbox once it is in its user namespace: there Linux counts (since
 * 5.14) the processes of the sandbox alone; set before, it would count all processes of the user.
 */
export const processLimitArguments = (pid: number, processes: number): string[] => [
  '--pid',
  String(pid),
  `--nproc=${processes + 1}:${processes + 1}`,
]

/** Reads /proc/<pid>/limits: name, soft limit, hard limit, unit, in columns. The hard one counts. */
export const parseProcessLimits = (text: string): ProcessLimits => {
  const hard = (name: string): number | undefined => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `))
    const value = line?.slice(name.length).trim().split(/\s+/)[1]
    return value === undefined || value === 'unlimited' ? undefined : Number(value)
  }
  return {
    cpuSeconds: hard('Max cpu time'),
    fileSizeBytes: hard('Max file size'),
    dataBytes: hard('Max data size'),
    processes: hard('Max processes'),
    openFiles: hard('Max open files'),
  }
}
