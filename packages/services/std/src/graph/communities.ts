// Communities by the Louvain method (Blondel, Guillaume, Lambiotte, Lefebvre 2008). Directions are not looked at. The order of
// visits comes from a seed, so that the same graph and the same seed give the same communities everywhere.

import { type Membership, renumber } from './components.ts'
import { type Adjacency, at, type GraphData, makeAdjacency } from './graph-data.ts'

/** How it is computed. */
export interface CommunityOptions {
  /** Above 1: more and smaller communities; below 1: fewer and larger. */
  readonly resolution: number
  readonly seed: number
}

/** Communities by node, and how good they are (Newman's modularity at that resolution). */
export interface Communities {
  readonly membership: Membership
  readonly modularity: number
}

/** A graph whose nodes may stand for many: `loops` is the weight inside each, counted twice as its edges have two ends. */
interface Level {
  readonly adjacency: Adjacency
  readonly loops: Float64Array
}

const maxLevels = 64
const maxRounds = 64
/** Shares of the whole weight: of one move, and of a round. */
const leastGain = 1e-12
const leastGainOfRound = 1e-6

/** The communities of a graph. */
export const findCommunities = (graph: GraphData, { resolution, seed }: CommunityOptions): Communities => {
  const random = makeRandom(seed)
  let level = firstLevel(graph)
  const weight = totalWeight(level)
  const first = level
  let membership: Membership = Int32Array.from({ length: graph.nodes }, (_, node) => node)
  const levels = weight > 0 ? maxLevels : 0
  for (let round = 0; round < levels; round++) {
    const moved = moveNodes(level, { weight, resolution, random })
    if (moved === undefined) break
    membership = membership.map((community) => at(moved, community))
    level = mergeNodes(level, moved)
  }
  membership = renumber(membership)
  return { membership, modularity: modularityOf(first, { membership, weight, resolution }) }
}

const firstLevel = (graph: GraphData): Level => {
  const adjacency = makeAdjacency(graph, 'both')
  const loops = new Float64Array(graph.nodes)
  const { starts, targets, weights } = adjacency
  for (let node = 0; node < graph.nodes; node++) {
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      if (at(targets, edge) === node) loops[node] = at(loops, node) + 2 * at(weights, edge)
    }
  }
  return { adjacency, loops }
}

/** Weight of all ends of edges: twice that of the edges. */
const totalWeight = (level: Level): number => degreesOf(level).reduce((sum, degree) => sum + degree, 0)

const degreesOf = ({ adjacency: { starts, targets, weights }, loops }: Level): Float64Array => {
  const degrees = loops.slice()
  for (let node = 0; node < loops.length; node++) {
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      if (at(targets, edge) !== node) degrees[node] = at(degrees, node) + at(weights, edge)
    }
  }
  return degrees
}

interface Moving {
  readonly weight: number
  readonly resolution: number
  readonly random: () => number
}

/** Moves nodes to better communities until that gains next to nothing; undefined when none moved at all. */
const moveNodes = (level: Level, { weight, resolution, random }: Moving): Membership | undefined => {
  const { starts, targets, weights } = level.adjacency
  const nodes = level.loops.length
  const degrees = degreesOf(level)
  const membership = Int32Array.from({ length: nodes }, (_, node) => node)
  const totals = degrees.slice()
  const order = shuffled(nodes, random)
  const linked = new Float64Array(nodes)
  const touched = new Int32Array(nodes)
  let any = false
  // Elements are read without a call here: this loop is nine tenths of the time.
  for (let round = 0; round < maxRounds; round++) {
    let gained = 0
    for (let index = 0; index < nodes; index++) {
      const node = order[index] as number
      const degree = degrees[node] as number
      const home = membership[node] as number
      const last = starts[node + 1] as number
      let count = 0
      for (let edge = starts[node] as number; edge < last; edge++) {
        const target = targets[edge] as number
        const linkWeight = weights[edge] as number
        if (target === node || linkWeight === 0) continue
        const community = membership[target] as number
        const before = linked[community] as number
        if (before === 0) touched[count++] = community
        linked[community] = before + linkWeight
      }
      totals[home] = (totals[home] as number) - degree
      const share = (resolution * degree) / weight
      const stays = (linked[home] as number) - share * (totals[home] as number)
      let best = home
      let bestGain = stays
      for (let place = 0; place < count; place++) {
        const community = touched[place] as number
        const gain = (linked[community] as number) - share * (totals[community] as number)
        linked[community] = 0
        if (gain <= bestGain + leastGain * weight) continue
        best = community
        bestGain = gain
      }
      totals[best] = (totals[best] as number) + degree
      if (best === home) continue
      membership[node] = best
      gained += bestGain - stays
      any = true
    }
    if (gained <= leastGainOfRound * weight) break
  }
  return any ? renumber(membership) : undefined
}

/** Makes one node of each community. */
const mergeNodes = ({ adjacency, loops }: Level, membership: Membership): Level => {
  const { starts, targets, weights } = adjacency
  const count = membership.reduce((most, community) => Math.max(most, community + 1), 0)
  const merged = new Float64Array(count)
  const between = new Map<number, number>()
  for (let node = 0; node < loops.length; node++) {
    const community = at(membership, node)
    merged[community] = at(merged, community) + at(loops, node)
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      const target = at(targets, edge)
      if (target === node) continue
      const other = at(membership, target)
      // Both ends of an edge come by, once each.
      if (other === community) merged[community] = at(merged, community) + at(weights, edge)
      else if (community < other) {
        const key = community * count + other
        between.set(key, (between.get(key) ?? 0) + at(weights, edge))
      }
    }
  }
  const edges = [...between]
  return {
    adjacency: makeAdjacency({
      nodes: count,
      from: Int32Array.from(edges, ([key]) => Math.floor(key / count)),
      to: Int32Array.from(edges, ([key]) => key % count),
      weights: Float64Array.from(edges, ([, sum]) => sum),
      directed: false,
    }),
    loops: merged,
  }
}

const modularityOf = (
  level: Level,
  { membership, weight, resolution }: { membership: Membership; weight: number; resolution: number },
): number => {
  if (weight === 0) return 0
  const { starts, targets, weights } = level.adjacency
  const degrees = degreesOf(level)
  const inside = new Float64Array(membership.length)
  const totals = new Float64Array(membership.length)
  for (let node = 0; node < membership.length; node++) {
    const community = at(membership, node)
    totals[community] = at(totals, community) + at(degrees, node)
    inside[community] = at(inside, community) + at(level.loops, node)
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge++) {
      const target = at(targets, edge)
      if (target !== node && at(membership, target) === community) {
        inside[community] = at(inside, community) + at(weights, edge)
      }
    }
  }
  let sum = 0
  for (let community = 0; community < membership.length; community++) {
    sum += at(inside, community) / weight - resolution * (at(totals, community) / weight) ** 2
  }
  return sum
}

const shuffled = (nodes: number, random: () => number): Int32Array => {
  const order = Int32Array.from({ length: nodes }, (_, node) => node)
  for (let last = nodes - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const kept = at(order, last)
    order[last] = at(order, other)
    order[other] = kept
  }
  return order
}

/** Mulberry32: small, and the same everywhere. Not for secrets. */
const makeRandom = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
