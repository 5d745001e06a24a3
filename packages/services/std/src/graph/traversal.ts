// Breadth-first and depth-first traversal, without recursion: a path of a million nodes is no deeper than one of two.

import { at, type GraphData, makeAdjacency } from './graph-data.ts'

/** How far to go. */
export interface TraversalOptions {
  readonly start: number
  /** Most edges between the start and a node; unbounded when absent. */
  readonly depth?: number
  /** Most nodes, the start among them. */
  readonly limit?: number
}

/** The nodes in the order of the visit; `parents` holds -1 for the start. */
export interface Traversal {
  readonly order: Int32Array
  readonly depths: Int32Array
  readonly parents: Int32Array
}

/** Visits near nodes before far ones; neighbours in the order of the edges. */
export const breadthFirst = (graph: GraphData, options: TraversalOptions): Traversal => {
  const { starts, targets } = makeAdjacency(graph)
  const visit = openVisit(graph.nodes, options)
  for (let head = 0; head < visit.count && !visit.isFull; head++) {
    const [node, depth] = visit.at(head)
    if (depth >= visit.maxDepth) continue
    for (let edge = at(starts, node); edge < at(starts, node + 1) && !visit.isFull; edge++) {
      visit.add(at(targets, edge), depth + 1, node)
    }
  }
  return visit.result()
}

/** Follows the first edge as far as it leads before the next, as a recursive visit would. */
export const depthFirst = (graph: GraphData, options: TraversalOptions): Traversal => {
  const { starts, targets } = makeAdjacency(graph)
  const visit = openVisit(graph.nodes, options)
  const path = new Int32Array(graph.nodes)
  const nextEdge = starts.slice(0, graph.nodes)
  path[0] = options.start
  for (let depth = 0; depth >= 0 && !visit.isFull; ) {
    const node = at(path, depth)
    const edge = at(nextEdge, node)
    if (depth >= visit.maxDepth || edge >= at(starts, node + 1)) {
      depth--
      continue
    }
    nextEdge[node] = edge + 1
    const target = at(targets, edge)
    if (visit.add(target, depth + 1, node)) path[++depth] = target
  }
  return visit.result()
}

const openVisit = (nodes: number, { start, depth = nodes, limit = nodes }: TraversalOptions) => {
  const order = new Int32Array(nodes)
  const depths = new Int32Array(nodes)
  const parents = new Int32Array(nodes)
  const seen = new Uint8Array(nodes)
  const most = Math.min(limit, nodes)
  const visit = {
    maxDepth: depth,
    count: 0,
    isFull: false,
    /** Whether the node was new. */
    add: (node: number, depthOf: number, parent: number): boolean => {
      if (seen[node] === 1) return false
      seen[node] = 1
      order[visit.count] = node
      depths[visit.count] = depthOf
      parents[visit.count] = parent
      visit.count++
      visit.isFull = visit.count >= most
      return true
    },
    at: (index: number): [number, number] => [at(order, index), at(depths, index)],
    result: (): Traversal => ({
      order: order.slice(0, visit.count),
      depths: depths.slice(0, visit.count),
      parents: parents.slice(0, visit.count),
    }),
  }
  visit.add(start, 0, -1)
  return visit
}
