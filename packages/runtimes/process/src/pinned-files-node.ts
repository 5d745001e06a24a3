// The files of a plugin as they were hashed, in a folder of our own: what runs is what was read, whatever becomes of the
// folder that it was read from. Nobody but us can write there, and a program sees it read-only.

import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PluginArtifact } from '@bulkhead/kernel'

/** A folder that goes when it is disposed. */
export interface PinnedFiles extends AsyncDisposable {
  /** Its real, absolute path. */
  readonly folder: string
  /** The entry's. */
  readonly entry: string
}

/** Writes them. */
export const pinFiles = async (artifact: PluginArtifact): Promise<PinnedFiles> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-plugin-')))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const files = artifact.files ?? new Map([[artifact.entry, artifact.entryBytes]])
    for (const [path, bytes] of files) {
      const at = join(folder, path)
      await mkdir(dirname(at), { recursive: true })
      await writeFile(at, bytes, { flag: 'wx', mode: 0o400 })
    }
    const entry = join(folder, artifact.entry)
    await chmod(entry, 0o500)
    return { folder, entry, [Symbol.asyncDispose]: remove }
  } catch (thrown) {
    await remove()
    throw thrown
  }
}
