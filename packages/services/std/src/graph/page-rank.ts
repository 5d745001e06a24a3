// PageRank by power iteration (Page, Brin, Motwani, Winograd 1999). The rank of nodes without outgoing edges is shared by all.

import { at, type GraphData, makeAdjacency } from './graph-data.ts'

/** How it is computed. */
export interface PageRankOptions {
  /** Share of a rank that follows the edges; the rest is spread over all nodes. */
  readonly damping: number
  /** Most rounds. */
  readonly iterations: number
  /** Sum of all changes of a round below which the ranks are taken as settled. */
  readonly tolerance: number
}

/** Ranks by node; they sum to 1. */
export interface PageRanks {
  readonly ranks: Float64Array
  readonly iterations: number
  /** Whether the ranks settled before the rounds were used up. */
  readonly converged: boolean
}

/** The ranks of a graph. Edges count by their weights. */
export const pageRank = (graph: GraphData, { damping, iterations, tolerance }: PageRankOptions): PageRanks => {
  const { nodes } = graph
  const { starts, targets, weights } = makeAdjacency(graph)
  const outgoing = new Float64Array(nodes)
  for (let node = 0; node < nodes; node++) {
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      outgoing[node] = at(outgoing, node) + at(weights, edge)
    }
  }
  let ranks = new Float64Array(nodes).fill(1 / nodes)
  let next = new Float64Array(nodes)
  for (let round = 1; round <= iterations; round++) {
    let dangling = 0
    for (let node = 0; node < nodes; node++) if (outgoing[node] === 0) dangling += at(ranks, node)
    next.fill((1 - damping + damping * dangling) / nodes)
    for (let node = 0; node < nodes; node++) {
      if (outgoing[node] === 0) continue
      const given = damping * at(ranks, node)
      for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
        const target = at(targets, edge)
        next[target] = at(next, target) + given * (at(weights, edge) / at(outgoing, node))
      }
    }
    let change = 0
    for (let node = 0; node < nodes; node++) change += Math.abs(at(next, node) - at(ranks, node))
    ;[ranks, next] = [next, ranks]
    if (change < tolerance) return { ranks, iterations: round, converged: true }
  }
  return { ranks, iterations, converged: false }
}
