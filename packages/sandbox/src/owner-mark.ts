// Says whose something is that outlives its host when that is killed, and whether that host is gone, so that the next one can
// clear it away. A number of a process alone does not say it: numbers are given anew, and each PID namespace has its own.

import { readlinkSync } from 'node:fs'
import { readStat } from './host-process.ts'

/** `<PID namespace>-<number>-<start of the process in ticks since the boot>`, as a part of a name. */
const markPattern = /^(\d+)-(\d+)-(\d+)$/

/** Of this process's PID namespace; the kernel never has two of one number at a time (namespaces(7)). */
const pidNamespace = (): string | undefined => {
  try {
    return /^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]
  } catch {
    return undefined
  }
}

/** The mark of this process; where there is no /proc it says nothing, and nobody clears away what bears it. */
export const makeOwnerMark = (): string =>
  `${pidNamespace() ?? 0}-${process.pid}-${readStat(process.pid)?.startTicks ?? 0}`

/**
 * Whether the process of that mark is gone for certain. Of one in another PID namespace nothing is known, and what is no mark
 * is nobody's to clear away: both are false.
 */
export const isOwnerGone = (mark: string): boolean => {
  const [, namespace, pid, startTicks] = markPattern.exec(mark) ?? []
  if (namespace === undefined || namespace !== pidNamespace()) return false
  const stat = readStat(Number(pid))
  return stat === undefined || stat.startTicks !== Number(startTicks) || stat.state === 'Z' || stat.state === 'X'
}
