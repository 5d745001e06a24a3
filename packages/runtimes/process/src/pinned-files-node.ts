// The files of a plugin as they were hashed: what runs is what was read, whatever becomes of the folder that it was read from.
//
// A plugin of few and small files gets them out of our memory: no name on the host leads to them, so nobody can change them.
// One that is too large for that to be copied at every start is written once to a folder that only this user can enter, and at
// every start, when nothing of it has run yet, whatever was changed in there since is found.

import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type BigIntStats, lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BulkheadError, type PluginArtifact } from '@bulkhead/kernel'
import type { ConfinedFile } from '@bulkhead/sandbox'
import { makeOwnFolder } from './own-folders-node.ts'

/** Files that are given to a sandbox. Disposing removes what was written for it. */
export interface PinnedFiles extends AsyncDisposable {
  /** Where they stand inside. */
  readonly folder: string
  readonly entry: string
  /** Out of memory, or by a folder of the host. */
  readonly files: readonly ConfinedFile[]
  readonly readable: readonly string[]
  /** @throws BulkheadError `artifact.changed` when what was written is not what stands there now */
  verify(): void
}

/** What is copied at every start, at the most: files, and bytes of them together. */
const mostInMemory = { files: 64, bytes: 8 * 1024 * 1024 }
const innerFolder = '/plugin'
/** After so many ms a file system's clock has gone on: what is changed later bears another time. */
const clockTickMs = 20

/** @throws BulkheadError `artifact.changed` when somebody changed what was being written */
export const pinFiles = async (artifact: PluginArtifact, most = mostInMemory): Promise<PinnedFiles> => {
  const files = artifact.files ?? new Map([[artifact.entry, artifact.entryBytes]])
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0)
  return files.size <= most.files && size <= most.bytes
    ? pinInMemory(files, artifact.entry)
    : pinInFolder(files, artifact.entry)
}

type Files = ReadonlyMap<string, Uint8Array>

const pinInMemory = (files: Files, entry: string): PinnedFiles => ({
  folder: innerFolder,
  entry: `${innerFolder}/${entry}`,
  files: [...files].map(([path, bytes]) => ({
    path: `${innerFolder}/${path}`,
    bytes,
    executable: path === entry,
  })),
  readable: [],
  verify: () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
})

const pinInFolder = async (files: Files, entry: string): Promise<PinnedFiles> => {
  const folder = await makeOwnFolder()
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    for (const [path, bytes] of files) {
      const at = join(folder, path)
      await mkdir(dirname(at), { recursive: true })
      await writeFile(at, bytes, { flag: 'wx', mode: 0o400 })
    }
    await chmod(join(folder, entry), 0o500)
    await sleep(clockTickMs)
    const stood = await standing(folder)
    // Looked at before it is read: who changes it after its look is found at the start, who did before is found here.
    await compare(folder, files, stood)
    return {
      folder,
      entry: join(folder, entry),
      files: [],
      readable: [folder],
      verify: () => {
        for (const [path, before] of stood) {
          const now = lstatSync(path, { bigint: true, throwIfNoEntry: false })
          if (now === undefined || !isSame(now, before)) throw changed(path)
        }
      },
      [Symbol.asyncDispose]: remove,
    }
  } catch (thrown) {
    await remove()
    throw thrown
  }
}

/** Every folder and file: a folder's time tells of names that came or went. */
const standing = async (folder: string): Promise<ReadonlyMap<string, BigIntStats>> => {
  const names = await readdir(folder, { recursive: true })
  return new Map(
    [folder, ...names.map((name) => join(folder, name))].map((path) => [path, lstatSync(path, { bigint: true })]),
  )
}

/** The time of change is the kernel's to set. */
const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.mode === b.mode && a.size === b.size && a.ctimeNs === b.ctimeNs

const compare = async (folder: string, files: Files, stood: ReadonlyMap<string, BigIntStats>): Promise<void> => {
  for (const [path, stats] of stood) {
    if (!stats.isDirectory() && !(stats.isFile() && files.has(path.slice(folder.length + 1)))) throw changed(path)
  }
  for (const [path, bytes] of files) {
    const at = join(folder, path)
    if (!stood.has(at) || Buffer.compare(await readFile(at), bytes) !== 0) throw changed(at)
  }
}

const changed = (path: string): BulkheadError =>
  new BulkheadError('artifact.changed', `${path} was changed after it was read, so it is not run`, {
    hint: 'Another program of this user writes there. Find it; then load the plugin again.',
  })
