// The algorithms against what is plainly true of them, on graphs of chance and on known ones.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCommunities } from './communities.ts'
import { strongComponents, weakComponents } from './components.ts'
import { at, type GraphData } from './graph-data.ts'
import { pageRank } from './page-rank.ts'
import { pathTo, shortestPaths } from './shortest-paths.ts'
import { topologicalOrder } from './topological-order.ts'
import { breadthFirst, depthFirst } from './traversal.ts'

type Edge = readonly [number, number, number?]

const graphOf = (nodes: number, edges: readonly Edge[], directed = true): GraphData => ({
  nodes,
  from: Int32Array.from(edges, ([from]) => from),
  to: Int32Array.from(edges, ([, to]) => to),
  weights: Float64Array.from(edges, ([, , weight = 1]) => weight),
  directed,
})

const anyGraph = fc.integer({ min: 1, max: 8 }).chain((nodes) => {
  const node = fc.integer({ min: 0, max: nodes - 1 })
  return fc
    .tuple(fc.array(fc.tuple(node, node, fc.integer({ min: 0, max: 5 })), { maxLength: 20 }), fc.boolean())
    .map(([edges, directed]) => graphOf(nodes, edges, directed))
})

/** Least distances by trying every edge as often as there are nodes (Bellman and Ford). */
const slowDistances = ({ nodes, from, to, weights, directed }: GraphData, unit = false): number[] => {
  const distances = Array.from({ length: nodes }, (_, node) => (node === 0 ? 0 : Number.POSITIVE_INFINITY))
  const relax = (source: number, target: number, weight: number): void => {
    distances[target] = Math.min(distances[target] ?? 0, (distances[source] ?? 0) + weight)
  }
  for (let round = 0; round < nodes; round++) {
    for (let edge = 0; edge < from.length; edge++) {
      const weight = unit ? 1 : (weights?.[edge] ?? 1)
      relax(at(from, edge), at(to, edge), weight)
      if (!directed) relax(at(to, edge), at(from, edge), weight)
    }
  }
  return distances
}

test('breadth first finds what can be reached, by the fewest edges', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { order, depths } = breadthFirst(graph, { start: 0 })
      const expected = slowDistances(graph, true)
      const found = new Map(Array.from(order, (node, index) => [node, at(depths, index)]))
      expect(expected.map((_, node) => found.get(node) ?? Number.POSITIVE_INFINITY)).toEqual(expected)
    }),
  )
})

test('depth first finds the same nodes, each beside its parent', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { order, parents, depths } = depthFirst(graph, { start: 0 })
      expect(Array.from(order).sort()).toEqual(Array.from(breadthFirst(graph, { start: 0 }).order).sort())
      for (let index = 1; index < order.length; index++) {
        const parent = order.indexOf(at(parents, index))
        expect(parent).toBeLessThan(index)
        expect(depths[index]).toBe(at(depths, parent) + 1)
      }
    }),
  )
  // As a recursive visit would: c is found from b, and not from a.
  const triangle = graphOf(3, [
    [0, 1],
    [0, 2],
    [1, 2],
  ])
  expect(Array.from(depthFirst(triangle, { start: 0 }).parents)).toEqual([-1, 0, 1])
})

test('a path of a million nodes is walked without recursion', () => {
  const nodes = 1_000_000
  const chain: GraphData = {
    nodes,
    from: Int32Array.from({ length: nodes - 1 }, (_, node) => node),
    to: Int32Array.from({ length: nodes - 1 }, (_, node) => node + 1),
    directed: true,
  }
  expect(depthFirst(chain, { start: 0 }).order).toHaveLength(nodes)
  expect(strongComponents(chain).at(-1)).toBe(nodes - 1)
  expect(weakComponents(chain).at(-1)).toBe(0)
})

test('least distances and their paths', () => {
  fc.assert(
    fc.property(anyGraph, fc.integer({ min: 0, max: 7 }), (graph, goal) => {
      const paths = shortestPaths(graph, 0)
      const expected = slowDistances(graph)
      expect(Array.from(paths.distances)).toEqual(expected)
      if (goal >= graph.nodes) return
      const early = shortestPaths(graph, 0, goal)
      expect(early.distances[goal]).toBe(expected[goal])
      const path = pathTo(early, goal)
      expect(path.length > 0).toBe(Number.isFinite(expected[goal]))
      if (path.length > 0) expect([path[0], path.at(-1)]).toEqual([0, goal])
    }),
  )
})

test('components are what reaches one another', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const reach = Array.from({ length: graph.nodes }, (_, start) => new Set(breadthFirst(graph, { start }).order))
      const strong = strongComponents(graph)
      for (let one = 0; one < graph.nodes; one++) {
        for (let other = 0; other < graph.nodes; other++) {
          const together = (reach[one]?.has(other) ?? false) && (reach[other]?.has(one) ?? false)
          expect(strong[one] === strong[other]).toBe(together)
        }
      }
      expect(weakComponents({ ...graph, directed: false })).toEqual(strongComponents({ ...graph, directed: false }))
    }),
  )
})

test('an order in which every edge leads forward, or a cycle that is one', () => {
  fc.assert(
    fc.property(anyGraph, (given) => {
      const graph = { ...given, directed: true }
      const found = topologicalOrder(graph)
      const edges = new Set(Array.from(graph.from, (from, edge) => `${from} ${at(graph.to, edge)}`))
      if ('order' in found) {
        const places = new Map(Array.from(found.order, (node, place) => [node, place]))
        for (const edge of edges) {
          const [from = 0, to = 0] = edge.split(' ').map(Number)
          expect(places.get(from)).toBeLessThan(places.get(to) ?? -1)
        }
        expect(places.size).toBe(graph.nodes)
        return
      }
      const { cycle } = found
      for (let index = 0; index < cycle.length; index++) {
        expect(edges.has(`${cycle[index]} ${cycle[(index + 1) % cycle.length]}`)).toBe(true)
      }
      expect(new Set(cycle).size).toBe(cycle.length)
      expect(cycle[0]).toBe(Math.min(...cycle))
    }),
  )
})

const settings = { damping: 0.85, iterations: 1000, tolerance: 1e-12 }

test('ranks sum to 1 and are those that the definition asks for', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { ranks, converged } = pageRank(graph, settings)
      expect(converged).toBe(true)
      expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 9)
    }),
  )
  // The example of the Wikipedia article, made of its link structure; ranks to three digits.
  const [a, b, c, d, e, f, ...rest] = Array.from({ length: 11 }, (_, node) => node) as [
    number,
    number,
    number,
    number,
    number,
    number,
    ...number[],
  ]
  const [g, h, i, j, k] = rest as [number, number, number, number, number]
  const links: Edge[] = [
    [b, c],
    [c, b],
    [d, a],
    [d, b],
    [e, b],
    [e, d],
    [e, f],
    [f, b],
    [f, e],
    [g, b],
    [g, e],
    [h, b],
    [h, e],
    [i, b],
    [i, e],
    [j, e],
    [k, e],
  ]
  const { ranks } = pageRank(graphOf(11, links), settings)
  const shown = [0.033, 0.384, 0.343, 0.039, 0.081, 0.039, 0.016, 0.016, 0.016, 0.016, 0.016]
  expect(Array.from(ranks, (rank) => Math.round(rank * 1000) / 1000)).toEqual(shown)
})

/** Zachary's karate club (1977): 34 members, 78 friendships. */
const karate = (
  '1-2 1-3 1-4 1-5 1-6 1-7 1-8 1-9 1-11 1-12 1-13 1-14 1-18 1-20 1-22 1-32 2-3 2-4 2-8 2-14 2-18 2-20 2-22 2-31 3-4 3-8 ' +
  '3-9 3-10 3-14 3-28 3-29 3-33 4-8 4-13 4-14 5-7 5-11 6-7 6-11 6-17 7-17 9-31 9-33 9-34 10-34 14-34 15-33 15-34 16-33 ' +
  '16-34 19-33 19-34 20-34 21-33 21-34 23-33 23-34 24-26 24-28 24-30 24-33 24-34 25-26 25-28 25-32 26-32 27-30 27-34 ' +
  '28-34 29-32 29-34 30-33 30-34 31-33 31-34 32-33 32-34 33-34'
)
  .split(' ')
  .map((pair): Edge => {
    const [one = 0, other = 0] = pair.split('-').map(Number)
    return [one - 1, other - 1]
  })

test('communities are as good as the method gets, and the same for the same seed', () => {
  const graph = graphOf(34, karate, false)
  const found = findCommunities(graph, { resolution: 1, seed: 0 })
  // 0.4198 is the best there is.
  expect(found.modularity).toBeGreaterThan(0.4)
  expect(found.modularity).toBeLessThan(0.4199)
  expect(findCommunities(graph, { resolution: 1, seed: 0 })).toEqual(found)
  const triangles: Edge[] = [
    [0, 1],
    [1, 2],
    [2, 0],
    [3, 4],
    [4, 5],
    [5, 3],
    [2, 3, 0.1],
  ]
  const { membership } = findCommunities(graphOf(6, triangles, false), { resolution: 1, seed: 7 })
  expect(Array.from(membership)).toEqual([0, 0, 0, 1, 1, 1])
})

test('a graph without edges has a community for each node, and none no community at all', () => {
  expect(Array.from(findCommunities(graphOf(3, []), { resolution: 1, seed: 0 }).membership)).toEqual([0, 1, 2])
  expect(findCommunities(graphOf(0, []), { resolution: 1, seed: 0 }).membership).toHaveLength(0)
  expect(pageRank(graphOf(0, []), settings).ranks).toHaveLength(0)
})
