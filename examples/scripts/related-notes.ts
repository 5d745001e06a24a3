// ---
// name: related-notes
// version: 1.0.0
// type: tool
// description: What belongs to a note, by links, by meaning and by the place that notes have in the whole vault.
// permissions:
//   notes: [read]
// ---
//
// Use: you open a note and want to see what else to read, with the reason for each; or the notes that hold a vault together;
// or the circles into which it falls. Reads only. The graph of the vault crosses to the host once for each computation.

type Kind = 'linked from here' | 'links here' | 'two steps away' | 'alike in meaning' | 'same circle'

interface Related {
  readonly path: string
  readonly score: number
  readonly reasons: readonly string[]
}

/** What counts how much. Links were set by a person, likeness was computed. */
const weights: Readonly<Record<Kind, number>> = {
  'linked from here': 1,
  'links here': 0.9,
  'two steps away': 0.3,
  'alike in meaning': 0.6,
  'same circle': 0.2,
}

const round = (value: number): number => Math.round(value * 1000) / 1000

type Graph = Awaited<ReturnType<typeof host.notes.graph>>

/** How much leads to each note. The graph names its nodes, and so do the answers. */
const ranksOf = async (graph: Graph): Promise<ReadonlyMap<string, number>> =>
  new Map((await host.graph.pageRank(graph)).map(({ node, rank }) => [String(node), rank]))

/** Search by meaning learns of notes after they were found; just after the first start there may be some that it has not read. */
const untilKnown = async (): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await host.notes.status()).pending === 0) return
    await new Promise<void>((resolve) => setTimeout(resolve, 100))
  }
}

/**
 * Notes that belong to one, best first, each with its reasons.
 * @risk read-only
 */
export const related = async ({ path, limit = 10 }: { path: string; limit?: number }): Promise<Related[]> => {
  const whole = await host.notes.graph({})
  if (!whole.nodes.includes(path)) throw new RangeError(`there is no note ${path}`)
  const links = whole.edges.map(([from = -1, to = -1]) => [whole.nodes[from] ?? '', whole.nodes[to] ?? ''] as const)
  const reasons = new Map<string, Map<Kind, string>>()
  const add = (to: string, kind: Kind, told: string = kind): void => {
    if (to === path) return
    const known = reasons.get(to) ?? new Map<Kind, string>()
    reasons.set(to, known)
    if (!known.has(kind)) known.set(kind, told)
  }

  for (const [from, to] of links) {
    if (from === path) add(to, 'linked from here')
    if (to === path) add(from, 'links here')
  }
  const near = new Set(reasons.keys())
  for (const [from, to] of links) {
    if (near.has(from) && !near.has(to)) add(to, 'two steps away', `two steps away, by ${from}`)
    if (near.has(to) && !near.has(from)) add(from, 'two steps away', `two steps away, by ${to}`)
  }
  await untilKnown()
  for (const { path: like } of await host.notes.traverse(path, { strategy: 'semantic', depth: 1, limit: 11 })) {
    add(like, 'alike in meaning')
  }
  const { communities } = await host.graph.communities(whole)
  const circle = communities.find((members) => members.includes(path)) ?? []
  for (const to of reasons.keys()) if (circle.includes(to)) add(to, 'same circle')

  const ranks = await ranksOf(whole)
  const strongest = Math.max(...ranks.values())
  return [...reasons]
    .map(([to, why]) => {
      const sum = [...why.keys()].reduce((total, kind) => total + weights[kind], 0)
      // What much leads to is a little more likely to be worth it.
      return { path: to, score: round(sum + 0.1 * ((ranks.get(to) ?? 0) / strongest)), reasons: [...why.values()] }
    })
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
    .slice(0, limit)
}

/**
 * The notes to which most leads, by PageRank.
 * @risk read-only
 */
export const central = async ({ limit = 10, folder }: { limit?: number; folder?: string }) => {
  const ranks = await ranksOf(await host.notes.graph(folder === undefined ? {} : { folder }))
  return [...ranks]
    .sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([path, rank]) => ({ path, rank: round(rank) }))
}

/**
 * The circles into which the vault falls, by Louvain's method: the largest first, each with the notes to which most leads.
 * @risk read-only
 */
export const circles = async ({ least = 3 }: { least?: number }) => {
  const whole = await host.notes.graph({})
  const { communities, modularity } = await host.graph.communities(whole)
  const ranks = await ranksOf(whole)
  const rankOf = (path: string): number => ranks.get(path) ?? 0
  const strongest = (members: readonly string[]): readonly string[] =>
    members.toSorted((a, b) => rankOf(b) - rankOf(a) || (a < b ? -1 : 1))
  return {
    modularity: round(modularity),
    circles: communities
      .filter((members) => members.length >= least)
      .map((members) => ({ size: members.length, about: strongest(members.map(String)).slice(0, 3) })),
  }
}
