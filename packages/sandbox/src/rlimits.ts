// Limits of single processes: those to set, and the kernel's own word on what is in force. Pure.

import { BulkheadError } from '@bulkhead/kernel'
import type { ConfinementLimits } from './confinement.ts'

/** Limits as /proc/<pid>/limits tells them; `undefined` is unlimited. */
export interface ProcessLimits {
  readonly cpuSeconds: number | undefined
  readonly fileSizeBytes: number | undefined
  readonly dataBytes: number | undefined
  readonly processes: number | undefined
  readonly openFiles: number | undefined
  readonly coreBytes: number | undefined
  readonly lockedBytes: number | undefined
  readonly pendingSignals: number | undefined
  readonly queueBytes: number | undefined
  readonly nicePriority: number | undefined
  readonly realtimePriority: number | undefined
}

/**
 * What a runtime maps and hardly touches, which RLIMIT_DATA counts all the same: an idle Node 26 has 574 MiB of it. A
 * host without memory groups bounds a process to its limit and this.
 */
const mappedBytes = 768 * 2 ** 20

/** One limit as setrlimit(2) takes it. */
export interface ResourceLimit {
  /** Number of linux/resource.h. */
  readonly resource: number
  readonly soft: number
  readonly hard: number
}

const resources = {
  ...{ cpu: 0, fileSize: 1, data: 2, core: 4, processes: 6, openFiles: 7 },
  ...{ locked: 8, signals: 11, queues: 12, nice: 13, realtime: 14 },
} as const

/**
 * Quotas that the kernel counts for all processes of a user together, the host's among them: no program gets so much of one that
 * others are left without. Bytes of locked memory, signals that wait, bytes of message queues.
 */
const shared = { lockedBytes: 64 * 1024, pendingSignals: 1024, queueBytes: 64 * 1024 }

const both = (resource: number, value: number): ResourceLimit => ({ resource, soft: value, hard: value })

/** Whether it is that on open descriptors, which comes last where one is handed over before. */
export const isOpenFilesLimit = ({ resource }: ResourceLimit): boolean => resource === resources.openFiles

/**
 * Limits that process 1 of the sandbox sets on itself, and so on all that come of it. It is in its user namespace then: there
 * Linux counts (since 5.14) the processes of the sandbox alone, where it would count all processes of the user else.
 * `boundData` bounds the private writable memory of each process (RLIMIT_DATA), for hosts without a memory group; RLIMIT_AS
 * would stop Node, which reserves hundreds of times more than it uses.
 */
export const resourceLimits = (
  limits: ConfinementLimits,
  bound: { readonly data: boolean; readonly processes: boolean },
): readonly ResourceLimit[] => [
  // With 0 a host that pipes dumps to a program would still run that, as its root and over what a plugin prepared; 1 is the
  // kernel's word for not even that (core(5), fs/coredump.c), and too little for a file.
  both(resources.core, 1),
  both(resources.locked, shared.lockedBytes),
  both(resources.signals, shared.pendingSignals),
  both(resources.queues, shared.queueBytes),
  // Whatever the host may, the program does not go before others.
  both(resources.nice, 0),
  both(resources.realtime, 0),
  // The soft limit ends the program with a signal that says why; the hard one ends a program that catches it.
  { resource: resources.cpu, soft: limits.cpuSeconds, hard: limits.cpuSeconds + 1 },
  both(resources.openFiles, limits.openFiles),
  both(resources.fileSize, limits.fileSizeBytes),
  ...(bound.data ? [both(resources.data, limits.memoryBytes + mappedBytes)] : []),
  // Process 1 is counted as well.
  ...(bound.processes ? [both(resources.processes, limits.processes + 1)] : []),
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
    coreBytes: hard('Max core file size'),
    lockedBytes: hard('Max locked memory'),
    pendingSignals: hard('Max pending signals'),
    queueBytes: hard('Max msgqueue size'),
    nicePriority: hard('Max nice priority'),
    realtimePriority: hard('Max realtime priority'),
  }
}

/**
 * Compares what holds with what was to hold.
 * @throws BulkheadError `sandbox.failed` when a limit is looser than it was set
 */
export const checkInForce = (set: readonly ResourceLimit[], inForce: ProcessLimits): void => {
  const values = new Map<number, number | undefined>([
    [resources.cpu, inForce.cpuSeconds],
    [resources.fileSize, inForce.fileSizeBytes],
    [resources.data, inForce.dataBytes],
    [resources.processes, inForce.processes],
    [resources.openFiles, inForce.openFiles],
    [resources.core, inForce.coreBytes],
    [resources.locked, inForce.lockedBytes],
    [resources.signals, inForce.pendingSignals],
    [resources.queues, inForce.queueBytes],
    [resources.nice, inForce.nicePriority],
    [resources.realtime, inForce.realtimePriority],
  ])
  for (const { resource, hard } of set) {
    const value = values.get(resource)
    if (value !== undefined && value <= hard) continue
    throw new BulkheadError(
      'sandbox.failed',
      `The limit on the resource ${resource} did not take: ${value ?? 'unlimited'} instead of ${hard}.`,
    )
  }
}
