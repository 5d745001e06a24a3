// Folders in the system's place for temporary files that bear the name of the process they are for, so that those of a host that
// was killed are found by the next one and removed.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Namespace of processes, process, when it began, and what makes the name one of its own. */
const namePattern = /^bulkhead-plugin-(\d+)-(\d+)-(\d+)-[A-Za-z0-9]{6}$/

/** When a process began, in the kernel's own measure; undefined when there is none (proc_pid_stat(5), field 22). */
const beganAt = (pid: number | 'self'): string | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Its name may hold anything, blanks and brackets too.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** A number of a process means nothing in another namespace, and containers may share the folder. */
const namespaceOf = (): string => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')

const isLeftOver = (name: string, namespace: string): boolean => {
  const [, where, pid, began] = namePattern.exec(name) ?? []
  return where === namespace && beganAt(Number(pid)) !== began
}

/** Removes what processes of this user left that are gone. What cannot be removed stays. */
const sweep = async (folder: string, namespace: string): Promise<void> => {
  const names = readdirSync(folder).filter((name) => isLeftOver(name, namespace))
  for (const path of names.map((name) => join(folder, name))) {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Makes one that this user alone can enter. @returns its path, without links in it */
export const makeOwnFolder = async (folder = tmpdir()): Promise<string> => {
  const namespace = namespaceOf()
  await sweep(folder, namespace)
  return await realpath(
    await mkdtemp(join(folder, `bulkhead-plugin-${namespace}-${process.pid}-${beganAt('self') ?? ''}-`)),
  )
}
