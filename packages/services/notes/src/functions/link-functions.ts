// notes.backlinks, notes.forward_links, notes.unresolved and notes.graph. A link to a note that the plugin may not read looks like
// one to a note that is not there.

import { type AnyHostFunction, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import type { Vaults } from '../vaults-node.ts'
import type { ShownLink } from '../wire.ts'
import { callerOf, filterFields, limitField, notePath, reading, readingSome, sightOf } from './fields.ts'

const link = {
  link: z.string().describe('As it is written, with its anchor.'),
  alias: z.string().nullable(),
  embed: z.boolean(),
  line: z.int(),
}

const asLink = ({ link: written, alias, embed, line }: ShownLink) => ({ link: written, alias, embed, line })

const notFound = (path: string, what: string): BulkheadError =>
  new BulkheadError('notes.not-found', `${what} ${path}: there is no such note`)

/** Links that are asked for at once, when some of them may have to be left out. */
const pageSize = 500

/** Functions on links. */
export const makeLinkFunctions = (vaults: Vaults): AnyHostFunction[] => [
  defineHostFunction({
    name: 'notes.backlinks',
    description: 'The links that lead to a note, each with the note that it stands in.',
    input: z.strictObject({ path: notePath, limit: limitField(100, 10_000) }),
    output: z.object({ links: z.array(z.object({ path: z.string(), ...link })), more: z.boolean() }),
    needs: ({ path }) => [reading(path)],
    risk: 'read-only',
    run: async ({ input: { path, limit } }, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const links = []
      for (let offset = 0; links.length <= limit; offset += pageSize) {
        const range = { offset, count: pageSize }
        const page = await vault.ask({ kind: 'backlinks', path, range }, callerOf(context))
        if (page === null) throw notFound(path, 'notes.backlinks')
        for (const each of page) if (sees(each.from)) links.push({ path: each.from, ...asLink(each) })
        if (page.length < pageSize) break
      }
      return { links: links.slice(0, limit), more: links.length > limit }
    },
  }),
  defineHostFunction({
    name: 'notes.forward_links',
    description:
      'The links of a note, in their order, each with the note that it leads to; null when that is not there.',
    input: z.strictObject({ path: notePath }),
    output: z.object({ links: z.array(z.object({ path: z.string().nullable(), ...link })) }),
    needs: ({ path }) => [reading(path)],
    risk: 'read-only',
    run: async ({ input: { path } }, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const links = await vault.ask({ kind: 'forward', path }, callerOf(context))
      if (links === null) throw notFound(path, 'notes.forward_links')
      return {
        links: links.map((each) => ({
          path: each.path !== null && sees(each.path) ? each.path : null,
          ...asLink(each),
        })),
      }
    },
  }),
  defineHostFunction({
    name: 'notes.unresolved',
    description: 'Links that lead to no note, in the order of the notes that they stand in.',
    input: z.strictObject({ ...filterFields, limit: limitField(100, 10_000) }).prefault({}),
    output: z.object({
      links: z.array(z.object({ path: z.string(), link: z.string(), line: z.int() })),
      more: z.boolean(),
    }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input: { limit, ...filter } }, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const targets = await vault.ask({ kind: 'targets' }, callerOf(context))
      const hidden = targets.filter((path) => !sees(path))
      const links = []
      for (let offset = 0; links.length <= limit; offset += pageSize) {
        const range = { offset, count: pageSize }
        const page = await vault.ask({ kind: 'unresolved', filter, hidden, range }, callerOf(context))
        for (const { from, link: written, line, isAttachment } of page) {
          if (!isAttachment && sees(from)) links.push({ path: from, link: written, line })
        }
        if (page.length < pageSize) break
      }
      return { links: links.slice(0, limit), more: links.length > limit }
    },
  }),
  defineHostFunction({
    name: 'notes.graph',
    description: 'The whole graph of notes at once: paths, and pairs of places in them for each link.',
    input: z.strictObject(filterFields).prefault({}),
    output: z.object({
      nodes: z.array(z.string()),
      edges: z.array(z.array(z.int()).length(2)).describe('[from, to] as places in nodes; each pair once.'),
    }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input }, context) => {
      const vault = await vaults.of(context.call)
      const sees = sightOf(context)
      const { paths, edges } = await vault.ask({ kind: 'graph', filter: input }, callerOf(context))
      const nodes: string[] = []
      const places = paths.map((path) => (sees(path) ? nodes.push(path) - 1 : -1))
      const pairs: [number, number][] = []
      for (let at = 0; at + 1 < edges.length; at += 2) {
        const [from, to] = [places[edges[at] ?? 0] ?? -1, places[edges[at + 1] ?? 0] ?? -1]
        if (from >= 0 && to >= 0) pairs.push([from, to])
      }
      return { nodes, edges: pairs }
    },
  }),
]
