// Connected components: weak ones by union and find, strong ones by Tarjan's algorithm (1972) without recursion.

import { at, type GraphData, makeAdjacency } from './graph-data.ts'

/** For each node the number of its component, counted from 0 in the order in which the first nodes come. */
export type Membership = Int32Array

/** Components of the graph read without directions. */
export const weakComponents = ({ nodes, from, to }: GraphData): Membership => {
  const parents = Int32Array.from({ length: nodes }, (_, node) => node)
  const find = (node: number): number => {
    let here = node
    while (at(parents, here) !== here) {
      parents[here] = at(parents, at(parents, here))
      here = at(parents, here)
    }
    return here
  }
  for (let edge = 0; edge < from.length; edge++) {
    const [one, other] = [find(at(from, edge)), find(at(to, edge))]
    // The smaller number wins, so that what is named does not depend on the order of the edges.
    if (one < other) parents[other] = one
    else parents[one] = other
  }
  return renumber(Int32Array.from({ length: nodes }, (_, node) => find(node)))
}

/** Components in which each node can be reached from each. */
export const strongComponents = (graph: GraphData): Membership => {
  const { nodes } = graph
  const { starts, targets } = makeAdjacency(graph)
  const indexes = new Int32Array(nodes).fill(-1)
  const lowest = new Int32Array(nodes)
  const components = new Int32Array(nodes).fill(-1)
  const nextEdge = starts.slice(0, nodes)
  const path: number[] = []
  const open: number[] = []
  let count = 0
  const enter = (node: number): void => {
    indexes[node] = lowest[node] = count++
    path.push(node)
    open.push(node)
  }
  const lower = (node: number, to: number): void => {
    if (to < at(lowest, node)) lowest[node] = to
  }
  const leave = (node: number): void => {
    path.pop()
    const above = path.at(-1)
    if (above !== undefined) lower(above, at(lowest, node))
    if (at(lowest, node) !== at(indexes, node)) return
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      components[member] = node
      if (member === node) return
    }
  }
  for (let root = 0; root < nodes; root++) {
    if (at(indexes, root) >= 0) continue
    enter(root)
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = at(nextEdge, node)
      if (edge >= at(starts, node + 1)) {
        leave(node)
        continue
      }
      nextEdge[node] = edge + 1
      const target = at(targets, edge)
      if (at(indexes, target) < 0) enter(target)
      else if (at(components, target) < 0) lower(node, at(indexes, target))
    }
  }
  return renumber(components)
}

/** The same membership with numbers from 0 in the order of the first nodes. */
export const renumber = (membership: Int32Array): Membership => {
  const numbers = new Map<number, number>()
  return membership.map((component) => {
    const known = numbers.get(component)
    if (known !== undefined) return known
    numbers.set(component, numbers.size)
    return numbers.size - 1
  })
}
