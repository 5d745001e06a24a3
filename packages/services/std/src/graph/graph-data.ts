// A graph as the algorithms take it: nodes are numbers, edges are columns. Nothing here knows what the nodes are called.

/** Edges as columns; edge `i` goes from `from[i]` to `to[i]`. Crosses to the thread without a copy. */
export interface GraphData {
  /** Number of nodes. */
  readonly nodes: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** Weight of each edge, finite and not negative; absent: all are 1. */
  readonly weights?: Float64Array
  readonly directed: boolean
}

/** Which edges leave each node: those of node `n` are `starts[n]` to `starts[n + 1]`, in the order they were given. */
export interface Adjacency {
  readonly starts: Int32Array
  readonly targets: Int32Array
  readonly weights: Float64Array
}

/** How {@link makeAdjacency} reads the edges. */
export type EdgeDirection = 'out' | 'in' | 'both'

/**
 * The edges by node, by a counting sort: linear, and stable. `both` gives each edge to both of its ends (a loop once);
 * an undirected graph is always read so.
 */
export const makeAdjacency = (graph: GraphData, direction: EdgeDirection = 'out'): Adjacency => {
  const { nodes, from, to, weights } = graph
  const both = direction === 'both' || !graph.directed
  const [sources, sinks] = direction === 'in' && !both ? [to, from] : [from, to]
  const starts = new Int32Array(nodes + 1)
  const count = (node: number): void => {
    starts[node + 1] = (starts[node + 1] ?? 0) + 1
  }
  for (let edge = 0; edge < sources.length; edge++) {
    const [source, sink] = [at(sources, edge), at(sinks, edge)]
    count(source)
    if (both && source !== sink) count(sink)
  }
  for (let node = 0; node < nodes; node++) starts[node + 1] = at(starts, node + 1) + at(starts, node)
  const next = starts.slice(0, nodes)
  const size = at(starts, nodes)
  const adjacency = { starts, targets: new Int32Array(size), weights: new Float64Array(size) }
  const put = (source: number, sink: number, weight: number): void => {
    const place = at(next, source)
    next[source] = place + 1
    adjacency.targets[place] = sink
    adjacency.weights[place] = weight
  }
  for (let edge = 0; edge < sources.length; edge++) {
    const [source, sink, weight] = [at(sources, edge), at(sinks, edge), weights?.[edge] ?? 1]
    put(source, sink, weight)
    if (both && source !== sink) put(sink, source, weight)
  }
  return adjacency
}

/** An element that is there: the compiler cannot know which indexes are inside. */
export const at = (list: Int32Array | Float64Array, index: number): number => list[index] as number
