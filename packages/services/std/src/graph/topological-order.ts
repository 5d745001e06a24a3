// Topological order (Kahn 1962), and a cycle where there is none.

import { at, type GraphData, makeAdjacency } from './graph-data.ts'

/** The order, or one cycle: its nodes along the edges, the first not repeated. */
export type TopologicalOrder = { readonly order: Int32Array } | { readonly cycle: Int32Array }

/** Each node after all that have an edge to it; nodes that could come at once stand as they were given. */
export const topologicalOrder = (graph: GraphData): TopologicalOrder => {
  const { nodes, to } = graph
  const { starts, targets } = makeAdjacency(graph)
  const waiting = new Int32Array(nodes)
  for (const target of to) waiting[target] = at(waiting, target) + 1
  const order = new Int32Array(nodes)
  let count = 0
  for (let node = 0; node < nodes; node++) if (waiting[node] === 0) order[count++] = node
  for (let head = 0; head < count; head++) {
    const node = at(order, head)
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      const target = at(targets, edge)
      waiting[target] = at(waiting, target) - 1
      if (waiting[target] === 0) order[count++] = target
    }
  }
  return count === nodes ? { order } : { cycle: findCycle(graph, waiting) }
}

/** Every node that still waits has an edge from one that waits: going back along them comes round. */
const findCycle = (graph: GraphData, waiting: Int32Array): Int32Array => {
  const { starts, targets } = makeAdjacency(graph, 'in')
  const places = new Map<number, number>()
  const path: number[] = []
  let node = waiting.findIndex((count) => count > 0)
  while (!places.has(node)) {
    places.set(node, path.length)
    path.push(node)
    let edge = at(starts, node)
    while (at(waiting, at(targets, edge)) === 0) edge++
    node = at(targets, edge)
  }
  const cycle = path.slice(places.get(node)).reverse()
  // It begins with its first node, however it was found.
  const first = cycle.indexOf(cycle.reduce((least, one) => Math.min(least, one)))
  return Int32Array.from([...cycle.slice(first), ...cycle.slice(0, first)])
}
