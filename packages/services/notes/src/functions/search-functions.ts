// notes.search: by words, by meaning, or by both. Notes that the plugin may not read are left out before anything of them is read.

import { type AnyHostFunction, BulkheadError, defineHostFunction, type RunContext } from '@bulkhead/kernel'
import { z } from 'zod'
import type { VaultClient } from '../vault-client-node.ts'
import type { Vaults } from '../vaults-node.ts'
import type { Hit, NoteFilter } from '../wire.ts'
import { callerOf, filterFields, limitField, readingSome, sightOf } from './fields.ts'

interface Sought {
  readonly text: string | undefined
  readonly vector: Float32Array | undefined
  readonly filter: NoteFilter
}

/** Hits that are ranked at once; more when many have to be left out. */
const firstRanked = 100
const mostRanked = 12_800

const visibleHits = async (
  vault: VaultClient,
  sought: Sought,
  { limit, context }: { readonly limit: number; readonly context: RunContext },
): Promise<{ hits: Hit[]; isPending: boolean }> => {
  const sees = sightOf(context)
  for (let count = Math.max(firstRanked, limit); ; count *= 4) {
    const question = { kind: 'search', ...sought, range: { offset: 0, count } } as const
    const { hits, isPending } = await vault.ask(question, callerOf(context))
    const visible = hits.filter(({ path }) => sees(path))
    if (visible.length >= limit || hits.length < count || count >= mostRanked) {
      return { hits: visible.slice(0, limit), isPending }
    }
  }
}

/** Of the notes that the plugin may know of. */
const countPending = async (vault: VaultClient, context: RunContext): Promise<number> =>
  (await vault.ask({ kind: 'paths', isPending: true }, callerOf(context))).filter(sightOf(context)).length

const score = z.number().describe('By meaning: how near, up to 1. Else 1 for the first, 1/2 for the second, and so on.')

/** Notes of one answer that are read one after the other; then others have their turn. */
const excerptsAtOnce = 10

/** Functions that find notes by what they say. */
export const makeSearchFunctions = (vaults: Vaults): AnyHostFunction[] => [
  defineHostFunction({
    name: 'notes.search',
    description:
      'Finds notes by their words (text), by what they are about (semantic), or by both (hybrid). Quotes keep words together.',
    input: z.strictObject({
      query: z.string().min(1).max(2000),
      mode: z.enum(['text', 'semantic', 'hybrid']).default('text'),
      ...filterFields,
      limit: limitField(10, 100),
    }),
    output: z.object({
      hits: z.array(z.object({ path: z.string(), title: z.string(), score, snippet: z.string(), line: z.int() })),
      pending: z.int().describe('Notes that search by meaning does not know yet.'),
    }),
    needs: () => readingSome,
    risk: 'read-only',
    run: async ({ input }, context) => {
      const { query, mode, folder, tag, limit } = input
      const vault = await vaults.of(context.call)
      const vector = mode === 'text' ? undefined : (await vault.embed([query]))?.[0]
      if (mode !== 'text' && vector === undefined) {
        throw new BulkheadError(
          'notes.failed',
          'notes.search: this host has no embedder, so nothing is found by meaning',
          {
            hint: 'Use mode "text", or give the host an embedder: openHost({ notes: { embedder } }).',
          },
        )
      }
      const sought = { text: mode === 'semantic' ? undefined : query, vector, filter: { folder, tag } }
      const { hits, isPending } = await visibleHits(vault, sought, { limit, context })
      const maxBytes = context.call.limits.fileSizeBytes
      const excerpts = []
      for (let at = 0; at < hits.length; at += excerptsAtOnce) {
        const some = hits.slice(at, at + excerptsAtOnce)
        excerpts.push(...(await vault.ask({ kind: 'excerpts', hits: some, query, maxBytes }, callerOf(context))))
      }
      const byPath = new Map(excerpts.map((excerpt) => [excerpt.path, excerpt]))
      return {
        hits: hits.flatMap(({ path, score: found }, place) => {
          const excerpt = byPath.get(path)
          // How rare a word is, and how many come before, is counted over all notes: it would tell of those that may not be read.
          return excerpt === undefined ? [] : [{ ...excerpt, score: mode === 'semantic' ? found : 1 / (place + 1) }]
        }),
        pending: mode !== 'text' && isPending ? await countPending(vault, context) : 0,
      }
    },
  }),
]
