// The jails that a process has, as the operating system lists them.

import { readdirSync, readFileSync } from 'node:fs'

interface Row {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process that there is (proc(5)); one that ends meanwhile is left out. */
export const processes = (): Row[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      if (!/^\d+$/.test(name)) return []
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      return [
        { pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') },
      ]
    } catch {
      return []
    }
  })

/** Process ids of jails among the descendants of a process. */
export const jailsBelow = (ancestor: number): number[] => {
  const rows = processes()
  const below = new Set([ancestor])
  for (let size = 0; size < below.size; ) {
    size = below.size
    for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid)
  }
  return rows
    .filter(({ pid, command }) => below.has(pid) && /^\S*node\S* .*jail-entry/.test(command))
    .map(({ pid }) => pid)
}
