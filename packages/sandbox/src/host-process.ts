// What the sandbox reads of processes of this host in /proc.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const closeOnExec = 0o2000000

/**
 * Descriptors of this process, past the standard ones, that a program started by it would inherit. Node marks its own; those
 * that it was itself started with, or that native code opened, may not be marked.
 */
export const inheritableDescriptors = (): number[] =>
  readdirSync('/proc/self/fdinfo').flatMap((name) => {
    const descriptor = Number(name)
    if (descriptor < 3) return []
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1]
      return flags === undefined || (Number.parseInt(flags, 8) & closeOnExec) === 0 ? [descriptor] : []
    } catch {
      // The descriptor of the listing itself.
      return []
    }
  })

/** USER_HZ, in which the kernel tells times: a constant of its interface on every architecture that we know. */
const ticksPerSecond = 100

interface ProcessStat {
  readonly state: string
  readonly parent: number
  /** Its own, and of dead children that it waited for. */
  readonly cpuSeconds: number
  /** When it began, counted from the boot: with its number, that is one process alone. */
  readonly startTicks: number
}

/** What the kernel tells of a process (proc_pid_stat(5)); `undefined` when there is none of that number. */
export const readStat = (pid: number): ProcessStat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return {
      state: fields[0] ?? '',
      parent: Number(fields[1]),
      cpuSeconds: ticks / ticksPerSecond,
      startTicks: Number(fields[19]),
    }
  } catch {
    return undefined
  }
}

/** Its children, in the order in which they were born. Some kernels have no list of them (CONFIG_PROC_CHILDREN). */
export const childrenOf = (pid: number | undefined): number[] => {
  if (pid === undefined) return []
  const list = `/proc/${pid}/task/${pid}/children`
  try {
    return readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    if (!existsSync(`/proc/${pid}`)) return []
  }
  return readdirSync('/proc')
    .map(Number)
    .filter((child) => child > 0 && readStat(child)?.parent === pid)
}

/**
 * Processor time of a process and all below it. That of dead children whose parent does not care for them (SIGCHLD ignored) is
 * lost: where a control group counts, ask that.
 */
export const treeCpuSeconds = (pid: number): number =>
  (readStat(pid)?.cpuSeconds ?? 0) + childrenOf(pid).reduce((sum, child) => sum + treeCpuSeconds(child), 0)

/** Whether `pid` lives and is a child of `parent`: then its number has not gone to another process. */
export const isChildOf = (pid: number, parent: number): boolean => readStat(pid)?.parent === parent

/** Every process below `pid`, however deep, each with its parent. */
const descendantsOf = (pid: number): { readonly pid: number; readonly parent: number }[] => {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const own = Number(name)
    const parent = Number.isInteger(own) ? readStat(own)?.parent : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), own])
  }
  const below = (parent: number): { pid: number; parent: number }[] =>
    (children.get(parent) ?? []).flatMap((child) => [{ pid: child, parent }, ...below(child)])
  return below(pid)
}

/** Sends the signal, if the process is there still: it may end at any moment. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/**
 * Sends the signal to every process below `pid`, and not to itself: to the whole tree of a sandbox, whose process 1 takes no
 * signal but those that kill. What begins meanwhile is missed, so this asks and ensures nothing.
 */
export const signalDescendants = (pid: number, signal: NodeJS.Signals): void => {
  for (const { pid: own, parent } of descendantsOf(pid)) {
    if (!isChildOf(own, parent)) continue
    signalProcess(own, signal)
  }
}

/** Waits until the process is gone, or is a corpse that nobody has fetched; false when that takes longer than `withinMs`. */
export const waitUntilGone = async (pid: number, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited += 5) {
    const state = readStat(pid)?.state
    if (state === undefined || state === 'Z' || state === 'X') return true
    await sleep(5)
  }
  return false
}
