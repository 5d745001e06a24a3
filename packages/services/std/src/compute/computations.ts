// Every computation that runs in a thread, by name. Each loads its library when it is first asked for, so that a thread that
// walks a graph has not read a YAML parser first. Pure: no I/O, no clock, no state between two of them.

import type { CommunityOptions } from '../graph/communities.ts'
import type { CsvFormatOptions, CsvParseOptions } from '../csv/csv-options.ts'
import type { GraphData } from '../graph/graph-data.ts'
import type { PageRankOptions } from '../graph/page-rank.ts'
import type { TraversalOptions } from '../graph/traversal.ts'
import type { PatternInput, ReplaceInput } from '../regex/pattern-input.ts'

type Of<Options = unknown> = Options & { readonly graph: GraphData }

/** See the file's head. Each throws BulkheadError alone for what is wrong with its input. */
export const computations = {
  'graph.bfs': async (input: Of<TraversalOptions>) =>
    (await import('../graph/traversal.ts')).breadthFirst(input.graph, input),
  'graph.dfs': async (input: Of<TraversalOptions>) =>
    (await import('../graph/traversal.ts')).depthFirst(input.graph, input),
  'graph.shortest_path': async ({ graph, from, to }: Of<{ readonly from: number; readonly to: number }>) => {
    const { pathTo, shortestPaths } = await import('../graph/shortest-paths.ts')
    const paths = shortestPaths(graph, from, to)
    return { path: pathTo(paths, to), distance: paths.distances[to] ?? Number.POSITIVE_INFINITY }
  },
  'graph.distances': async ({ graph, from }: Of<{ readonly from: number }>) =>
    (await import('../graph/shortest-paths.ts')).shortestPaths(graph, from).distances,
  'graph.page_rank': async (input: Of<PageRankOptions>) =>
    (await import('../graph/page-rank.ts')).pageRank(input.graph, input),
  'graph.communities': async (input: Of<CommunityOptions>) =>
    (await import('../graph/communities.ts')).findCommunities(input.graph, input),
  'graph.components': async ({ graph, mode }: Of<{ readonly mode: 'weak' | 'strong' }>) => {
    const { strongComponents, weakComponents } = await import('../graph/components.ts')
    return mode === 'weak' ? weakComponents(graph) : strongComponents(graph)
  },
  'graph.topological_order': async ({ graph }: Of) =>
    (await import('../graph/topological-order.ts')).topologicalOrder(graph),
  'graph.degrees': async ({ graph }: Of) => (await import('../graph/degrees.ts')).countDegrees(graph),
  'graph.stats': async ({ graph }: Of) => (await import('../graph/degrees.ts')).graphStats(graph),
  'yaml.parse': async ({ text }: { readonly text: string }) => (await import('../yaml/yaml.ts')).parseYaml(text),
  'yaml.format': async ({ json, indent }: { readonly json: string; readonly indent: number }) =>
    (await import('../yaml/yaml.ts')).formatYaml(JSON.parse(json), indent),
  'csv.parse': async ({ text, ...options }: CsvParseOptions & { readonly text: string }) =>
    (await import('../csv/parse-csv.ts')).parseCsv(text, options),
  'csv.format': async ({ json, ...options }: CsvFormatOptions & { readonly json: string }) =>
    (await import('../csv/format-csv.ts')).formatCsv(JSON.parse(json), options),
  'regex.test': async (input: PatternInput) => (await import('../regex/regex.ts')).testPattern(input),
  'regex.find_all': async (input: PatternInput) => (await import('../regex/regex.ts')).findAll(input),
  'regex.replace': async (input: ReplaceInput) => (await import('../regex/regex.ts')).replaceAll(input),
  'regex.split': async (input: PatternInput) => (await import('../regex/regex.ts')).splitText(input),
} as const

/** Names of the computations. */
export type ComputationName = keyof typeof computations
/** What one takes. */
export type ComputationInput<Name extends ComputationName> = Parameters<(typeof computations)[Name]>[0]
/** What one gives. */
export type ComputationResult<Name extends ComputationName> = Awaited<ReturnType<(typeof computations)[Name]>>
