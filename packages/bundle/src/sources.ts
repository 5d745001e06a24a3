// The source files of a plugin that is not bundled: its entry, and the others of its language in its folder, each as it was
// hashed. No guest code runs here.

import { extname } from 'node:path'
import { BulkheadError, type PluginArtifact } from '@bulkhead/kernel'
import { openFolderTree } from './folder-tree-node.ts'
import { makeMemoryTree } from './source-tree.ts'

/** Files beside the entry, and bytes of all together: every copy that is loaded anew takes them into its memory. */
const maxFiles = 1000
const maxBytes = 8 * 1024 * 1024

/** One file. */
export interface SourceFile {
  /** Relative to the plugin's folder, with forward slashes. */
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Reads the files with one of the endings that lie beside the entry.
 * @throws BulkheadError `artifact.outside`, `artifact.invalid` when one changed since it was hashed, `artifact.too-large`
 */
export const readSources = async (
  { root, entry, sources, files }: PluginArtifact,
  { endings, maxFileBytes }: { readonly endings: readonly string[]; readonly maxFileBytes: number },
): Promise<SourceFile[]> => {
  const known = [...(files ?? sources ?? new Map<string, unknown>()).keys()]
  const names = known.filter((name) => name !== entry && endings.includes(extname(name)))
  if (names.length > maxFiles) {
    throw new BulkheadError(
      'artifact.too-large',
      `the plugin has ${names.length} source files; at most ${maxFiles} are taken`,
    )
  }
  if (names.length === 0) return []
  const tree =
    files === undefined
      ? await openFolderTree(root ?? '.', { maxFileBytes, ...(sources === undefined ? {} : { pinned: sources }) })
      : makeMemoryTree(files)
  const read: SourceFile[] = []
  let total = 0
  for (const name of names.toSorted()) {
    const bytes = await tree.read(name)
    if (bytes === undefined) throw new BulkheadError('artifact.invalid', `${name} is gone since the plugin was hashed`)
    total += bytes.length
    if (total > maxBytes) {
      throw new BulkheadError(
        'artifact.too-large',
        `the plugin's source files are more than ${maxBytes} bytes together`,
      )
    }
    read.push({ name, bytes })
  }
  return read
}
