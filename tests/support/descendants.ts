// Processes that come of this one or another, as /proc tells (Linux).

import { readdirSync, readFileSync } from 'node:fs'

/** A process, with the time of its start, so that no later one of that number is taken for it. */
export type ProcessIdentity = string

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It ended.
    return ''
  }
}

const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)$/m.exec(read(pid, 'status'))?.[1] ?? 0)

// Field 22, counted from behind the name, which may hold spaces.
const identityOf = (pid: number): ProcessIdentity => `${pid} ${read(pid, 'stat').split(') ')[1]?.split(' ')[19]}`

/** The number of a process. */
export const pidOf = (identity: ProcessIdentity): number => Number.parseInt(identity, 10)

/** Those that come of a process, at any remove. */
export const descendantsOf = (ancestor: number): ProcessIdentity[] => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const comesOf = (pid: number): boolean => pid > 1 && (parentOf(pid) === ancestor || comesOf(parentOf(pid)))
  return pids.filter(comesOf).map(identityOf)
}

/** Those of them that are there still. */
export const stillThere = (identities: readonly ProcessIdentity[]): ProcessIdentity[] =>
  identities.filter((identity) => identityOf(pidOf(identity)) === identity)

/** Those that have no processes below them: the programs in their sandboxes. */
export const leavesOf = (identities: readonly ProcessIdentity[]): ProcessIdentity[] => {
  const parents = new Set(identities.map((identity) => parentOf(pidOf(identity))))
  return identities.filter((identity) => !parents.has(pidOf(identity)))
}
