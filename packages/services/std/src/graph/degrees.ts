// How many edges nodes have, and the figures of a whole graph.

import { weakComponents } from './components.ts'
import { at, type GraphData } from './graph-data.ts'

/** Edges by node; in an undirected graph both columns count all of a node's edges. A loop counts once in each. */
export interface Degrees {
  readonly incoming: Int32Array
  readonly outgoing: Int32Array
}

/** Counts them. */
export const countDegrees = ({ nodes, from, to, directed }: GraphData): Degrees => {
  const incoming = new Int32Array(nodes)
  const outgoing = new Int32Array(nodes)
  const count = (column: Int32Array, node: number): void => {
    column[node] = at(column, node) + 1
  }
  for (let edge = 0; edge < from.length; edge++) {
    const [source, target] = [at(from, edge), at(to, edge)]
    count(outgoing, source)
    count(incoming, target)
    if (directed || source === target) continue
    count(outgoing, target)
    count(incoming, source)
  }
  return { incoming, outgoing }
}

/** Figures of a graph. */
export interface GraphStats {
  readonly nodes: number
  readonly edges: number
  /** Edges from a node to itself. */
  readonly loops: number
  /** Nodes without an edge. */
  readonly isolated: number
  /** Weakly connected components. */
  readonly components: number
  /** Share of the possible edges between different nodes that are there; parallel ones count. */
  readonly density: number
}

/** Computes them. */
export const graphStats = (graph: GraphData): GraphStats => {
  const { nodes, from, to, directed } = graph
  const { incoming, outgoing } = countDegrees(graph)
  let loops = 0
  for (let edge = 0; edge < from.length; edge++) if (from[edge] === to[edge]) loops++
  let isolated = 0
  for (let node = 0; node < nodes; node++) if (at(incoming, node) + at(outgoing, node) === 0) isolated++
  const possible = nodes * (nodes - 1) * (directed ? 1 : 0.5)
  return {
    nodes,
    edges: from.length,
    loops,
    isolated,
    components: weakComponents(graph).reduce((most, component) => Math.max(most, component + 1), 0),
    density: possible === 0 ? 0 : (from.length - loops) / possible,
  }
}
