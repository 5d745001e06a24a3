// Control groups for confined programs: bounds on a whole tree of processes, which rlimits cannot give. Where a host lets us
// make none, the answer is less, never an error: the caller says what was applied.

import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync, existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { CgroupPlaces } from './cgroup-places.ts'
import type { ConfinementLimits } from './confinement.ts'
import { isOwnerGone, makeOwnerMark } from './owner-mark.ts'

/** What a tree uses; a figure is absent where the host does not count it. */
export interface ResourceUsage {
  readonly cpuSeconds?: number
  readonly memoryBytes?: number
  readonly processes?: number
}

/** Groups made for one confined program. */
export interface Cgroup {
  /** The bounds in force, as read back from the kernel. */
  readonly memoryBytes: number | undefined
  readonly processes: number | undefined
  /** Whether processor time is counted. */
  readonly countsCpu: boolean
  /** Moves processes in; what they start from then on is born there. Rejects with what the file system throws. */
  add(...pids: readonly number[]): Promise<void>
  usage(): ResourceUsage
  /** The processor time of {@link usage} alone: it is looked at often. */
  cpuSeconds(): number | undefined
  /** How many processes the kernel ended for want of memory. */
  outOfMemory(): number
  /** Removes the groups; false while a process is still in them. */
  remove(): boolean
}

/** bubblewrap and process 1 of the sandbox, which are not the program's, are counted as well. */
const ownProcesses = 2

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}
const read = (path: string): string => readFileSync(path, 'utf8').trim()
const readNumber = (path: string): number | undefined => {
  const value = attempt(() => Number(read(path)))
  return value === undefined || Number.isNaN(value) ? undefined : value
}
/** A line `key value` of a file of such lines. */
const readKey = (path: string, key: string): number | undefined => {
  const line = attempt(() => read(path))
    ?.split('\n')
    .find((each) => each.startsWith(`${key} `))
  return line === undefined ? undefined : Number(line.slice(key.length + 1))
}

/** Removes groups that a host left which was killed. The kernel removes none that has processes in it. */
const sweep = (parent: string): void => {
  for (const name of attempt(() => readdirSync(parent)) ?? []) {
    const owner = /^bulkhead-(.+)-[0-9a-f]{8}$/.exec(name)?.[1]
    if (owner !== undefined && isOwnerGone(owner)) attempt(() => rmdirSync(`${parent}/${name}`))
  }
}

/** Makes the folder in the first place that takes it, and keeps it only when `bound` answers a figure. */
const makeGroup = (places: readonly string[], name: string, bound: (folder: string) => number | undefined) => {
  for (const place of places) {
    sweep(place)
    const folder = `${place}/${name}`
    attempt(() => mkdirSync(folder))
    if (!existsSync(folder)) continue
    const value = bound(folder)
    if (value !== undefined) return { folder, value }
    attempt(() => rmdirSync(folder))
  }
  return undefined
}

const files = {
  1: { memory: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', killed: 'memory.oom_control' },
  2: { memory: 'memory.max', used: 'memory.current', killed: 'memory.events' },
} as const

/** Makes groups with these limits; `undefined` when the host lets us make none. */
export const openCgroup = (
  { version, memory, pids, cpu }: CgroupPlaces,
  limits: Pick<ConfinementLimits, 'memoryBytes' | 'processes'>,
): Cgroup | undefined => {
  // Threads of this process make groups as well, each with a copy of this module.
  const name = `bulkhead-${makeOwnerMark()}-${randomUUID().slice(0, 8)}`
  const names = files[version]
  const boundBy = (file: string, value: number) => (folder: string) => {
    attempt(() => writeFileSync(`${folder}/${file}`, String(value)))
    // Only what the kernel says counts.
    const applied = readNumber(`${folder}/${file}`)
    return applied !== undefined && applied <= value ? applied : undefined
  }
  const memoryGroup = makeGroup(memory, name, boundBy(names.memory, limits.memoryBytes))
  const pidsGroup = makeGroup(pids, name, boundBy('pids.max', limits.processes + ownProcesses))
  const cpuFile = version === 1 ? 'cpuacct.usage' : 'cpu.stat'
  const cpuOf = (folder: string): number | undefined => {
    if (version === 2) {
      const used = readKey(`${folder}/${cpuFile}`, 'usage_usec')
      return used === undefined ? undefined : used / 1e6
    }
    const used = readNumber(`${folder}/${cpuFile}`)
    return used === undefined ? undefined : used / 1e9
  }
  const cpuGroup = makeGroup(cpu, name, cpuOf)
  if (memoryGroup !== undefined) {
    // Swap would be memory beyond the limit. Hosts without these files count it in or have none.
    const swap =
      version === 1
        ? [['memory.memsw.limit_in_bytes', String(limits.memoryBytes)]]
        : [
            ['memory.swap.max', '0'],
            ['memory.oom.group', '1'],
          ]
    for (const [file, value] of swap as [string, string][]) {
      if (existsSync(`${memoryGroup.folder}/${file}`))
        attempt(() => writeFileSync(`${memoryGroup.folder}/${file}`, value))
    }
  }
  const folders = [
    ...new Set([memoryGroup, pidsGroup, cpuGroup].flatMap((group) => (group === undefined ? [] : [group.folder]))),
  ]
  if (folders.length === 0) return undefined
  const usedCpu = (): number | undefined => (cpuGroup === undefined ? undefined : cpuOf(cpuGroup.folder))
  return {
    memoryBytes: memoryGroup?.value,
    processes: pidsGroup === undefined ? undefined : pidsGroup.value - ownProcesses,
    countsCpu: cpuGroup !== undefined,
    add: async (...added) => {
      // The kernel takes one at a time.
      for (const pid of added) {
        await Promise.all(folders.map((folder) => writeFile(`${folder}/cgroup.procs`, String(pid))))
      }
    },
    cpuSeconds: usedCpu,
    usage: () => {
      const cpuSeconds = usedCpu()
      const memoryBytes = memoryGroup && readNumber(`${memoryGroup.folder}/${names.used}`)
      const processes = pidsGroup && readNumber(`${pidsGroup.folder}/pids.current`)
      return {
        ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(processes === undefined ? {} : { processes: Math.max(0, processes - ownProcesses) }),
      }
    },
    outOfMemory: () => (memoryGroup && readKey(`${memoryGroup.folder}/${names.killed}`, 'oom_kill')) ?? 0,
    remove: () => {
      for (const folder of folders) attempt(() => rmdirSync(folder))
      return !folders.some((folder) => existsSync(folder))
    },
  }
}
