// What the sandbox reads of processes of this host in /proc.

import { readdirSync, readFileSync } from 'node:fs'
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

/** The state letter and the parent of a process (proc_pid_stat(5)); `undefined` when there is no such process. */
const readStat = (pid: number): { state: string; parent: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything.
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: state ?? '', parent: Number(parent) }
  } catch {
    return undefined
  }
}

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

/**
 * Sends the signal to every process below `pid`, and not to itself: to the whole tree of a sandbox, whose process 1 takes no
 * signal but those that kill. What begins meanwhile is missed, so this asks and ensures nothing.
 */
export const signalDescendants = (pid: number, signal: NodeJS.Signals): void => {
  for (const { pid: own, parent } of descendantsOf(pid)) {
    if (!isChildOf(own, parent)) continue
    try {
      process.kill(own, signal)
    } catch {
      // It ended in between.
    }
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

/**
 * Waits until the process lives under a filter of system calls, for which bubblewrap's process 1 asks right after it has tied
 * its life to its parent's; false when the process is gone, or that takes longer than `withinMs`.
 */
export const waitUntilFiltered = async (pid: number, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited++) {
    try {
      if (/^Seccomp:\s*2/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true
    } catch {
      return false
    }
    await sleep(1)
  }
  return false
}
