// notes.traverse: from one note to those around it, by links or by what they are about. It never goes through a note that the
// plugin may not read.

import { type AnyHostFunction, BulkheadError, defineHostFunction, type RunContext } from '@bulkhead/kernel'
import { z } from 'zod'
import type { VaultClient } from '../vault-client-node.ts'
import type { Vaults } from '../vaults-node.ts'
import { callerOf, filterFields, limitField, notePath, reading, readingSome, sightOf } from './fields.ts'

/** Most similar notes of each that are gone on to. */
const similarNeighbours = 8
/** Notes that one traversal visits, whatever is left out of its answer. */
const maxVisited = 5000

interface Step {
  readonly path: string
  readonly depth: number
  readonly via: string | null
  readonly similarity?: number
}

/** What one note leads to, in order. */
type Neighbours = (paths: readonly string[]) => Promise<readonly (readonly Omit<Step, 'depth' | 'via'>[])[]>

/** The notes that come up, in order, the start first. */
const walk = async function* (
  start: string,
  neighbours: Neighbours,
  order: 'breadth' | 'depth',
): AsyncGenerator<Step[]> {
  const seen = new Set<string>()
  let open: Step[] = [{ path: start, depth: 0, via: null }]
  while (open.length > 0 && seen.size < maxVisited) {
    // In breadth a whole level is asked about at once.
    const taken = (order === 'breadth' ? open : open.splice(-1)).filter(({ path }) => !seen.has(path))
    if (order === 'breadth') open = []
    for (const { path } of taken) seen.add(path)
    if (taken.length === 0) continue
    yield taken
    const found = await neighbours(taken.map(({ path }) => path))
    const next = taken.flatMap(({ path, depth }, index) =>
      (found[index] ?? []).map((each): Step => ({ ...each, depth: depth + 1, via: path })),
    )
    if (order === 'depth') open.push(...next.reverse())
    else {
      const queued = new Set<string>()
      open = next.filter(({ path }) => !seen.has(path) && !queued.has(path) && queued.add(path) !== undefined)
    }
  }
}

const byLinks =
  (vault: VaultClient, context: RunContext, direction: 'out' | 'in' | 'both'): Neighbours =>
  async (paths) => {
    const found = await vault.ask({ kind: 'neighbours', paths, direction }, callerOf(context))
    return found.map((each) => (each ?? []).map((path) => ({ path })))
  }

const byMeaning =
  (vault: VaultClient, context: RunContext): Neighbours =>
  async (paths) => {
    const found = []
    for (const path of paths) {
      const count = similarNeighbours
      const near = await vault.ask({ kind: 'similar', path, filter: {}, count }, callerOf(context))
      found.push((near ?? []).map(({ path: other, score }) => ({ path: other, similarity: score })))
    }
    return found
  }

/** Only what may be seen, and nothing below the depth. */
const bounded =
  (neighbours: Neighbours, sees: (path: string) => boolean): Neighbours =>
  async (paths) =>
    (await neighbours(paths)).map((each) => each.filter(({ path }) => sees(path)))

/** The function that walks. */
export const makeTraverseFunction = (vaults: Vaults): AnyHostFunction =>
  defineHostFunction({
    name: 'notes.traverse',
    description:
      'Walks from a note to others: by links in breadth (bfs) or in depth (dfs), or to those about the same things (semantic).',
    input: z.strictObject({
      start: notePath,
      strategy: z.enum(['bfs', 'dfs', 'semantic']).default('bfs'),
      direction: z.enum(['out', 'in', 'both']).default('both').describe('Which links are followed.'),
      depth: z.int().min(0).max(100).default(2),
      limit: limitField(100, 1000),
      filter: z
        .strictObject(filterFields)
        .default({})
        .describe('Which notes are in the answer; the way may lead through others.'),
    }),
    output: z.object({
      notes: z.array(
        z.object({
          path: z.string(),
          title: z.string(),
          depth: z.int(),
          via: z.string().nullable().describe('The note that led here.'),
          similarity: z.number().optional(),
        }),
      ),
    }),
    needs: ({ start }) => [...readingSome, reading(start)],
    risk: 'read-only',
    run: async ({ input: { start, strategy, direction, depth, limit, filter } }, context) => {
      const vault = await vaults.of(context.call)
      const isKnown =
        (await vault.ask({ kind: 'details', paths: [start], tag: undefined }, callerOf(context))).length > 0
      if (!isKnown) throw new BulkheadError('notes.not-found', `notes.traverse ${start}: there is no such note`)
      const all = strategy === 'semantic' ? byMeaning(vault, context) : byLinks(vault, context, direction)
      const sight = bounded(all, sightOf(context))
      const depthOf = new Map<string, number>([[start, 0]])
      const neighbours: Neighbours = async (paths) => {
        const within = paths.filter((path) => (depthOf.get(path) ?? 0) < depth)
        const found = await sight(within)
        const byPath = new Map(within.map((path, index) => [path, found[index] ?? []]))
        return paths.map((path) => byPath.get(path) ?? [])
      }
      const notes: (Step & { title: string })[] = []
      const inFolder = (path: string): boolean =>
        filter.folder === undefined || filter.folder === '' || path.startsWith(`${filter.folder}/`)
      for await (const steps of walk(start, neighbours, strategy === 'dfs' ? 'depth' : 'breadth')) {
        for (const step of steps) depthOf.set(step.path, step.depth)
        const wanted = steps.filter(({ path }) => inFolder(path))
        const question = { kind: 'details', paths: wanted.map(({ path }) => path), tag: filter.tag } as const
        const details = new Map((await vault.ask(question, callerOf(context))).map((each) => [each.path, each]))
        for (const step of wanted) {
          const found = details.get(step.path)
          if (found?.hasTag === true) notes.push({ ...step, title: found.title })
        }
        if (notes.length >= limit) break
      }
      return { notes: notes.slice(0, limit) }
    },
  })
