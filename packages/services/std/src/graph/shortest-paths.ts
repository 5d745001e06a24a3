// Dijkstra's algorithm with a binary heap: O((nodes + edges) log edges). Weights are not negative; the caller saw to that.

import { at, type GraphData, makeAdjacency } from './graph-data.ts'

/** What was found: `distances` holds Infinity and `parents` -1 where nothing leads. */
export interface ShortestPaths {
  readonly distances: Float64Array
  readonly parents: Int32Array
}

/** Distances from a node; stops early at `goal`. */
export const shortestPaths = (graph: GraphData, start: number, goal = -1): ShortestPaths => {
  const { starts, targets, weights } = makeAdjacency(graph)
  const distances = new Float64Array(graph.nodes).fill(Number.POSITIVE_INFINITY)
  const parents = new Int32Array(graph.nodes).fill(-1)
  const done = new Uint8Array(graph.nodes)
  const heap = openHeap(targets.length + 1)
  distances[start] = 0
  heap.push(start, 0)
  while (heap.size > 0) {
    const node = heap.pop()
    if (done[node] === 1) continue
    done[node] = 1
    if (node === goal) break
    const distance = at(distances, node)
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      const target = at(targets, edge)
      const through = distance + at(weights, edge)
      if (through >= at(distances, target)) continue
      distances[target] = through
      parents[target] = node
      heap.push(target, through)
    }
  }
  return { distances, parents }
}

/** The nodes from the start to the goal; empty when nothing leads there. */
export const pathTo = ({ distances, parents }: ShortestPaths, goal: number): Int32Array => {
  if (at(distances, goal) === Number.POSITIVE_INFINITY) return new Int32Array(0)
  const path = [goal]
  for (let node = at(parents, goal); node >= 0; node = at(parents, node)) path.push(node)
  return Int32Array.from(path.reverse())
}

/** Smallest first; among equals the smaller node, so that the answer does not depend on the heap. */
const openHeap = (capacity: number) => {
  const nodes = new Int32Array(capacity)
  const keys = new Float64Array(capacity)
  const isBefore = (left: number, right: number): boolean => {
    const [one, other] = [at(keys, left), at(keys, right)]
    return one < other || (one === other && at(nodes, left) < at(nodes, right))
  }
  const swap = (left: number, right: number): void => {
    const [node, key] = [at(nodes, left), at(keys, left)]
    nodes[left] = at(nodes, right)
    keys[left] = at(keys, right)
    nodes[right] = node
    keys[right] = key
  }
  const heap = {
    size: 0,
    push: (node: number, key: number): void => {
      let place = heap.size++
      nodes[place] = node
      keys[place] = key
      for (let above = (place - 1) >> 1; place > 0 && isBefore(place, above); above = (place - 1) >> 1) {
        swap(place, above)
        place = above
      }
    },
    pop: (): number => {
      const top = at(nodes, 0)
      heap.size--
      nodes[0] = at(nodes, heap.size)
      keys[0] = at(keys, heap.size)
      for (let place = 0; ; ) {
        const left = 2 * place + 1
        if (left >= heap.size) return top
        const least = left + 1 < heap.size && isBefore(left + 1, left) ? left + 1 : left
        if (!isBefore(least, place)) return top
        swap(least, place)
        place = least
      }
    },
  }
  return heap
}
