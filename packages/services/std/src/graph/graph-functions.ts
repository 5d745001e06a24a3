// The graph.* host functions: a graph crosses once, as a list of edges, and is computed on in a thread of its own.

import { type AnyHostFunction, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import { callerOf } from '../compute/caller.ts'
import type { Computer } from '../compute/computer-node.ts'
import { at } from './graph-data.ts'
import { graphInput, groupNodes, maxNodes, namesOf, type NamedGraph, nodeRef, readGraph } from './graph-input.ts'
import {
  distantNodes,
  nodeDegrees,
  nodeGroups,
  nodeList,
  rankedNodes,
  requireRoom,
  requireRoomForGroups,
  visitedNodes,
} from './graph-output.ts'

const graph = graphInput
const limit = z.int().min(1).max(maxNodes).optional()
/** Names of a cycle that are shown and told. */
const shownNames = 10
const toldNames = 100

/** Declares graph.bfs and its kin over the threads. */
export const makeGraphFunctions = (computer: Computer): AnyHostFunction[] => [
  ...(['bfs', 'dfs'] as const).map((name) =>
    defineHostFunction({
      name: `graph.${name}`,
      description:
        name === 'bfs'
          ? 'Visits the nodes that can be reached from one, near ones first.'
          : 'Visits the nodes that can be reached from one, each edge as far as it leads before the next.',
      input: z.strictObject({ graph, start: nodeRef, depth: z.int().min(0).optional(), limit }),
      output: z.object({ visited: visitedNodes }),
      needs: () => [],
      risk: 'read-only',
      run: async ({ input: { graph: given, start, depth, limit: most } }, context) => {
        const named = readGraph(given)
        const options = {
          start: named.find(start, 'start'),
          ...(depth === undefined ? {} : { depth }),
          ...(most === undefined ? {} : { limit: most }),
        }
        const found = await computer.compute(`graph.${name}`, { graph: named.data, ...options }, callerOf(context))
        requireRoom(named, found.order, 1)
        requireRoom(named, found.parents, 2)
        return {
          visited: Array.from(found.order, (node, index) => {
            const parent = at(found.parents, index)
            return {
              node: named.nameOf(node),
              depth: at(found.depths, index),
              parent: parent < 0 ? null : named.nameOf(parent),
            }
          }),
        }
      },
    }),
  ),
  defineHostFunction({
    name: 'graph.shortest_path',
    description: 'The path of the least weight from one node to another (Dijkstra); `found` is false where none leads.',
    input: z.strictObject({ graph, from: nodeRef, to: nodeRef }),
    output: z.object({ found: z.boolean(), path: nodeList, distance: z.number().nullable() }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, context) => {
      const named = readGraph(input.graph)
      const ends = { from: named.find(input.from, 'from'), to: named.find(input.to, 'to') }
      const { path, distance } = await computer.compute(
        'graph.shortest_path',
        { graph: named.data, ...ends },
        callerOf(context),
      )
      const found = path.length > 0
      requireRoom(named, path)
      return { found, path: namesOf(named, path), distance: found ? distance : null }
    },
  }),
  defineHostFunction({
    name: 'graph.distances',
    description: 'How far each node is that can be reached from one, the nearest first.',
    input: z.strictObject({ graph, from: nodeRef, limit }),
    output: z.object({ distances: distantNodes }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, context) => {
      const named = readGraph(input.graph)
      const from = named.find(input.from, 'from')
      const distances = await computer.compute('graph.distances', { graph: named.data, from }, callerOf(context))
      const reached = sortedNodes(distances, (one, other) => one - other, input.limit)
      requireRoom(named, reached, 1)
      return {
        distances: reached.map((node) => ({ node: named.nameOf(node), distance: at(distances, node) })),
      }
    },
  }),
  defineHostFunction({
    name: 'graph.page_rank',
    description: 'How central each node is by the edges that lead to it (PageRank), the highest first; all sum to 1.',
    input: z.strictObject({
      graph,
      damping: z.number().min(0).max(1).default(0.85),
      iterations: z.int().min(1).max(1000).default(100),
      tolerance: z.number().min(0).max(1).default(1e-9),
      limit,
    }),
    output: z.object({
      ranks: rankedNodes,
      iterations: z.int(),
      converged: z.boolean(),
    }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input: { graph: given, limit: most, ...options } }, context) => {
      const named = readGraph(given)
      const found = await computer.compute('graph.page_rank', { graph: named.data, ...options }, callerOf(context))
      const best = sortedNodes(found.ranks, (one, other) => other - one, most)
      requireRoom(named, best, 1)
      return {
        ranks: best.map((node) => ({ node: named.nameOf(node), rank: at(found.ranks, node) })),
        iterations: found.iterations,
        converged: found.converged,
      }
    },
  }),
  defineHostFunction({
    name: 'graph.communities',
    description:
      'Groups of nodes with many edges inside and few between (Louvain), the largest first. The same seed gives the same groups.',
    input: z.strictObject({
      graph,
      resolution: z.number().min(0.01).max(100).default(1),
      seed: z.int().min(0).max(0xffff_ffff).default(0),
    }),
    output: z.object({ communities: nodeGroups, modularity: z.number() }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input: { graph: given, ...options } }, context) => {
      const named = readGraph(given)
      const found = await computer.compute('graph.communities', { graph: named.data, ...options }, callerOf(context))
      requireRoomForGroups(found.membership)
      return { communities: groupNodes(named, found.membership), modularity: found.modularity }
    },
  }),
  defineHostFunction({
    name: 'graph.components',
    description:
      'Parts of the graph that hang together, the largest first: `weak` without looking at directions, `strong` where each node reaches each.',
    input: z.strictObject({ graph, mode: z.enum(['weak', 'strong']).default('weak') }),
    output: z.object({ components: nodeGroups }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input: { graph: given, mode } }, context) => {
      const named = readGraph(given)
      const membership = await computer.compute('graph.components', { graph: named.data, mode }, callerOf(context))
      requireRoomForGroups(membership)
      return { components: groupNodes(named, membership) }
    },
  }),
  defineHostFunction({
    name: 'graph.topological_order',
    description: 'The nodes in an order in which every edge leads forward. Fails with `graph.cycle`, which names one.',
    input: z.strictObject({ graph }),
    output: z.object({ order: nodeList }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, context) => {
      const named = readGraph(input.graph)
      if (!named.data.directed) {
        throw new BulkheadError('input.invalid', 'graph.directed: only a directed graph has a topological order')
      }
      const found = await computer.compute('graph.topological_order', { graph: named.data }, callerOf(context))
      if ('cycle' in found) throw cycleError(named, found.cycle)
      requireRoom(named, found.order)
      return { order: namesOf(named, found.order) }
    },
  }),
  defineHostFunction({
    name: 'graph.degrees',
    description: 'How many edges lead to and from each node, those with the most first.',
    input: z.strictObject({ graph, limit }),
    output: z.object({ degrees: nodeDegrees }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, context) => {
      const named = readGraph(input.graph)
      const { incoming, outgoing } = await computer.compute('graph.degrees', { graph: named.data }, callerOf(context))
      const degrees = named.data.directed
        ? Float64Array.from(incoming, (count, node) => count + at(outgoing, node))
        : Float64Array.from(outgoing)
      const most = sortedNodes(degrees, (one, other) => other - one, input.limit)
      requireRoom(named, most, 3)
      return {
        degrees: most.map((node) => ({
          node: named.nameOf(node),
          incoming: at(incoming, node),
          outgoing: at(outgoing, node),
          degree: at(degrees, node),
        })),
      }
    },
  }),
  defineHostFunction({
    name: 'graph.stats',
    description: 'Figures of the whole graph.',
    input: z.strictObject({ graph }),
    output: z.object({
      nodes: z.int(),
      edges: z.int(),
      loops: z.int(),
      isolated: z.int(),
      components: z.int(),
      density: z.number(),
    }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, context) =>
      computer.compute('graph.stats', { graph: readGraph(input.graph).data }, callerOf(context)),
  }),
]

/** Nodes with a finite value, sorted by it; equals stay in the order of the graph. */
const sortedNodes = (
  values: Float64Array,
  compare: (one: number, other: number) => number,
  limitOf: number | undefined,
): number[] =>
  Array.from(values.keys())
    .filter((node) => Number.isFinite(values[node]))
    .sort((one, other) => compare(at(values, one), at(values, other)))
    .slice(0, limitOf)

const cycleError = (named: NamedGraph, found: Int32Array): BulkheadError => {
  const cycle = namesOf(named, found.slice(0, toldNames))
  const shown = [...cycle.slice(0, shownNames), ...(found.length > shownNames ? ['…'] : []), cycle[0] ?? '']
  return new BulkheadError('graph.cycle', `the graph has a cycle: ${shown.join(' → ')}`, { details: { cycle } })
}
