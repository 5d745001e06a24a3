// fs.list, fs.stat, fs.mkdir, fs.remove and fs.rename.

import { link, mkdir, rename, rmdir, unlink } from 'node:fs/promises'
import type { Dirent, Stats } from 'node:fs'
import { type AnyHostFunction, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import { fsFailure, notRegular } from './failure.ts'
import { requireRegular, statEntry } from './file-content.ts'
import { PinnedDirectory } from './pinned-directory.ts'
import { pathField, visit } from './visit.ts'
import type { Walked } from './walk.ts'

const kind = z.enum(['file', 'folder', 'link', 'other'])
const kindOf = (entry: Dirent | Stats): z.output<typeof kind> =>
  entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other'

/** Entries that one listing returns at most. */
export const maxListEntries = 10_000

const asFolder = async <T>(walked: Walked, use: (folder: PinnedDirectory) => Promise<T>): Promise<T> => {
  if (walked.name === '.') return use(walked.parent)
  await using folder = await walked.parent.openDirectory(walked.name)
  // Awaited here: a promise that is merely returned would outlive the open folder.
  return await use(folder)
}

/** Functions on folders and their entries. */
export const makeEntryFunctions = (): AnyHostFunction[] => [
  defineHostFunction({
    name: 'fs.list',
    description: 'Lists a folder, sorted by name.',
    input: z.strictObject({ path: pathField }),
    output: z.object({ entries: z.array(z.object({ name: z.string(), kind })), more: z.boolean() }),
    needs: ({ path }) => [{ name: 'filesystem.read', scope: path }],
    risk: 'read-only',
    run: (permit, context) =>
      visit({ permit, context, path: permit.input.path, followLast: true }, async (walked) => {
        const { entries, more } = await asFolder(walked, (folder) => folder.list(maxListEntries))
        const named = entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
        return { entries: named.sort((a, b) => (a.name < b.name ? -1 : 1)), more }
      }),
  }),
  defineHostFunction({
    name: 'fs.stat',
    description: 'Tells what is at a path, links followed.',
    input: z.strictObject({ path: pathField }),
    output: z.object({
      kind,
      size: z.number().describe('Bytes.'),
      modifiedMs: z.number().describe('Milliseconds since the Unix epoch.'),
    }),
    needs: ({ path }) => [{ name: 'filesystem.read', scope: path }],
    risk: 'read-only',
    run: (permit, context) =>
      visit({ permit, context, path: permit.input.path, followLast: true }, async (walked, { what }) => {
        const stats = await statEntry(walked)
        if (stats === undefined) throw fsFailure({ code: 'ENOENT' }, what)
        return { kind: kindOf(stats), size: stats.size, modifiedMs: Math.trunc(stats.mtimeMs) }
      }),
  }),
  defineHostFunction({
    name: 'fs.mkdir',
    description: 'Makes a folder. One that is there already is left as it is when parents is true.',
    input: z.strictObject({
      path: pathField,
      parents: z.boolean().default(false).describe('Folders on the way are made, and one that is there is no error.'),
    }),
    output: z.null(),
    needs: ({ path }) => [{ name: 'filesystem.write', scope: path }],
    risk: 'write',
    run: (permit, context) => {
      const { path, parents } = permit.input
      return visit({ permit, context, path, followLast: parents, createFolders: parents }, async (walked) => {
        if (walked.name === '.') return null
        try {
          await mkdir(walked.parent.at(walked.name))
        } catch (error) {
          const there = parents ? await statEntry(walked) : undefined
          if (there?.isDirectory() !== true) throw error
        }
        return null
      })
    },
  }),
  defineHostFunction({
    name: 'fs.remove',
    description: 'Removes a file, a link (not what it leads to) or an empty folder.',
    input: z.strictObject({ path: pathField }),
    output: z.null(),
    needs: ({ path }) => [{ name: 'filesystem.write', scope: path }],
    risk: 'write',
    run: (permit, context) =>
      visit({ permit, context, path: permit.input.path, followLast: false }, async (walked, { what }) => {
        const stats = await statEntry(walked)
        if (stats === undefined) throw fsFailure({ code: 'ENOENT' }, what)
        if (kindOf(stats) === 'other') throw notRegular(what, 'it is a pipe, a device or a socket')
        await (stats.isDirectory() ? rmdir : unlink)(walked.parent.at(walked.name))
        return null
      }),
  }),
  defineHostFunction({
    name: 'fs.rename',
    description:
      'Moves one file, within a file system. Folders are not moved: rules for paths in them would not follow.',
    input: z.strictObject({ from: pathField, to: pathField, overwrite: z.boolean().default(false) }),
    output: z.null(),
    // Moving makes the content readable under the new name, so the old one must be readable too.
    needs: ({ from, to }) => [
      { name: 'filesystem.write', scope: from },
      { name: 'filesystem.read', scope: from },
      { name: 'filesystem.write', scope: to },
    ],
    risk: 'write',
    run: (permit, context) => {
      const { from, to, overwrite } = permit.input
      const source = { permit, context, path: from, followLast: false }
      const target = { permit, context, path: to, followLast: false, capability: 2 }
      return visit(source, (old, { what }) =>
        visit(target, async (next) => {
          const stats = await statEntry(old)
          if (stats === undefined) throw fsFailure({ code: 'ENOENT' }, what)
          requireRegular(stats, what)
          const replaced = await statEntry(next)
          if (replaced !== undefined && overwrite) requireRegular(replaced, `${permit.function} ${to}`)
          const [path, nextPath] = [old.parent.at(old.name), next.parent.at(next.name)]
          if (overwrite) await rename(path, nextPath)
          else {
            // A link, unlike a rename, never replaces what is there.
            await link(path, nextPath)
            await unlink(path)
          }
          return null
        }),
      )
    },
  }),
]
