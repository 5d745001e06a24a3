// The processes that this one started, and those that they did: memory and CPU time, as Linux tells them.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of /proc, ms each (USER_HZ is 100 wherever Node runs). */
const tickMs = 10

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

/** The fields of /proc/<pid>/stat after the name, which may hold anything: the first is the state (field 3). */
const fields = (pid: number): readonly string[] =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')

/** Processes below this one whose first argument is a program of that name and whose others contain a text. */
export const processesBelow = (program: string, argument: string): readonly number[] => {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc'))
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(fields(Number(name))[1]))
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at !== 0; at = parents.get(at))
      if (at === process.pid) return true
    return false
  }
  return [...parents.keys()].filter((pid) => {
    const [first = '', ...others] = read(`/proc/${pid}/cmdline`).split('\0')
    return first.endsWith(`/${program}`) && others.some((text) => text.includes(argument)) && isBelow(pid)
  })
}

/** Proportional memory (Pss), MiB: a page that several processes share counts in shares. */
export const proportionalMiB = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? Number.NaN) / 1024

/** CPU time so far, ms. */
export const cpuMs = (pid: number): number => {
  const told = fields(pid)
  return (Number(told[11]) + Number(told[12])) * tickMs
}
