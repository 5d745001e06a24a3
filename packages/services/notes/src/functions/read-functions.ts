// notes.read, notes.list, notes.tags, notes.resolve and notes.status.

import { type AnyHostFunction, addUsage, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import type { ListedNote } from '../wire.ts'
import type { Vaults } from '../vaults-node.ts'
import {
  callerOf,
  filterFields,
  frontmatterField,
  limitField,
  notePath,
  reading,
  readingSome,
  sightOf,
} from './fields.ts'

const listedNote = z.object({
  path: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  modifiedMs: z.number(),
  size: z.number(),
})

const asListed = ({ modified, ...note }: ListedNote) => ({ ...note, tags: [...note.tags], modifiedMs: modified })

/** How many notes are asked for at once, when some of them may have to be left out. */
const pageSize = 500

/** Functions that say what is there. */
export const makeReadFunctions = (vaults: Vaults): AnyHostFunction[] => [
  defineHostFunction({
    name: 'notes.read',
    description: 'Reads a note: its whole text, its version, and what its frontmatter says.',
    input: z.strictObject({ path: notePath }),
    output: z.object({
      path: z.string(),
      content: z.string(),
      version: z.string().describe('Stands for the content; give it back as ifVersion when writing.'),
      title: z.string(),
      tags: z.array(z.string()),
      frontmatter: frontmatterField,
      fault: z.string().nullable().describe('What of the note could not be read.'),
    }),
    needs: ({ path }) => [reading(path)],
    risk: 'read-only',
    run: async ({ input }, context) => {
      const vault = await vaults.of(context.call)
      const maxBytes = context.call.limits.fileSizeBytes
      const note = await vault.ask({ kind: 'read', path: input.path, maxBytes }, callerOf(context))
      addUsage(context.call, 'fileBytes', note.content.length)
      return { ...note, tags: [...note.tags] }
    },
  }),
  defineHostFunction({
    name: 'notes.list',
    description:
      'Lists notes in the order of their paths, a page at a time, and the folders in the folder when it is not recursive.',
    input: z.strictObject({
      ...filterFields,
      recursive: z.boolean().default(true),
      limit: limitField(100, 1000),
      cursor: z.string().max(1000).optional(),
    }),
    output: z.object({
      notes: z.array(listedNote),
      folders: z.array(z.string()),
      cursor: z.string().optional().describe('Present when there are more.'),
    }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input }, context) => {
      const { folder = '', tag, recursive, limit, cursor } = input
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const notes: ListedNote[] = []
      let after = cursor ?? ''
      let more = true
      // One more than is wanted: whether there is more is said of what may be seen alone.
      while (more && notes.length <= limit) {
        const count = Math.max(pageSize, limit)
        const page = await vault.ask(
          { kind: 'list', filter: { folder, tag }, recursive, after, count },
          callerOf(context),
        )
        more = page.more
        for (const note of page.notes) {
          after = note.path
          if (sees(note.path)) notes.push(note)
        }
      }
      const shown = notes.slice(0, limit)
      const folders =
        recursive || cursor !== undefined ? [] : await vault.ask({ kind: 'folders', folder }, callerOf(context))
      return {
        notes: shown.map(asListed),
        folders: folders.filter(([, below]) => below.some(sees)).map(([path]) => path),
        ...(notes.length > limit ? { cursor: shown.at(-1)?.path } : {}),
      }
    },
  }),
  defineHostFunction({
    name: 'notes.tags',
    description: 'All tags with the number of notes that have them, the most frequent first.',
    input: z.strictObject(filterFields).prefault({}),
    output: z.object({ tags: z.array(z.object({ tag: z.string(), count: z.int() })) }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input }, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const { paths, tags } = await vault.ask({ kind: 'tags', filter: input }, callerOf(context))
      const visible = paths.map(sees)
      const counted = tags
        .map(([tag, notes]) => ({
          tag,
          count: notes.reduce((sum, place) => sum + (visible[place] === true ? 1 : 0), 0),
        }))
        .filter(({ count }) => count > 0)
      return { tags: counted.sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1)) }
    },
  }),
  defineHostFunction({
    name: 'notes.resolve',
    description: 'The note that a wikilink leads to, as it would in the note `from`; null when there is none.',
    input: z.strictObject({ link: z.string().min(1).max(1000), from: notePath.optional() }),
    output: z.object({ path: z.string().nullable() }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input }, context) => {
      const vault = await vaults.of(context.call)
      const target = input.link
        .replace(/^!?\[\[/, '')
        .replace(/\]\]$/, '')
        .split(/[#|]/, 1)[0]
      if (target === undefined || target.trim() === '') {
        throw new BulkheadError('input.invalid', 'notes.resolve: the link names no note')
      }
      const question = { kind: 'resolve', link: target.trim(), from: input.from ?? '' } as const
      const paths = await vault.ask(question, callerOf(context))
      // Were it the first or nothing, a plugin could tell by a note of its own that there is another of the name.
      return { path: paths.find(sightOf(context)) ?? null }
    },
  }),
  defineHostFunction({
    name: 'notes.status',
    description: 'How many notes and links there are, and which files could not be taken in, or not wholly.',
    input: z.strictObject({}).prefault({}),
    output: z.object({
      notes: z.int(),
      skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
      faults: z.array(z.object({ path: z.string(), reason: z.string() })),
      pending: z.int().describe('Notes that search by meaning does not know yet.'),
      watched: z.boolean().describe('False: changes by other programs show after some seconds.'),
    }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async (_permit, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const caller = callerOf(context)
      const { skipped, faults, isWatched } = await vault.ask({ kind: 'status' }, caller)
      const count = async (isPending: boolean): Promise<number> =>
        (await vault.ask({ kind: 'paths', isPending }, caller)).filter(sees).length
      const visible = (all: typeof skipped) => all.filter(({ path }) => sees(path)).map((each) => ({ ...each }))
      return {
        notes: await count(false),
        skipped: visible(skipped),
        faults: visible(faults),
        pending: await count(true),
        watched: isWatched,
      }
    },
  }),
]
