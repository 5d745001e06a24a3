// A graph as guests write it, made into columns. This runs on the host's loop over hostile input: one pass, no look at a node's
// name but through a Map, so that `__proto__` is a name like any other.

import { BulkheadError } from '@bulkhead/kernel'
import { z } from 'zod'
import { at, type GraphData } from './graph-data.ts'

/** Most nodes. The edges are bounded by what an input of a host function may hold: 250,000 commas. */
export const maxNodes = 250_000
const maxNameLength = 1000
/** Sums and products of weights stay finite. */
const maxWeight = 1e100

/** A node by its name, or by its place among the nodes, from 0. */
export type NodeRef = string | number
/** An edge; its weight is 1 when left out. */
export type Edge = readonly [from: NodeRef, to: NodeRef, weight?: number]

/** A reference to a node. */
export const nodeRef = z.union([z.string().max(maxNameLength), z.int().min(0).max(maxNodes)])

const isList = (value: unknown): boolean => Array.isArray(value)
/**
 * A list that is looked at by {@link readGraph} instead of by its schema, which takes 80 ms for 50,000 edges and
 * makes an issue of each bad one.
 */
const list = <Member>(items: z.ZodType): z.ZodType<readonly Member[]> =>
  z
    .unknown()
    .refine(isList, 'must be a list')
    .meta({ type: 'array', items: z.toJSONSchema(items, { io: 'input' }) as Record<string, unknown> }) as never

/** The field `graph` of every graph function. */
export const graphInput = z
  .strictObject({
    nodes: z.union([list<string>(z.string()), z.int().min(0).max(maxNodes)]).optional(),
    edges: list<Edge>(z.array(nodeRef)),
    directed: z.boolean().default(true),
  })
  .describe('nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].')

/** A graph with its names beside it. */
export interface NamedGraph {
  readonly data: GraphData
  /** What the node is called outside: its name, or its number. */
  nameOf(node: number): NodeRef
  /** @throws BulkheadError `input.invalid` when there is no such node */
  find(node: NodeRef, field: string): number
}

/** @throws BulkheadError `input.invalid` naming the first fault */
export const readGraph = ({ nodes, edges, directed }: z.output<typeof graphInput>): NamedGraph => {
  const names = makeNames(nodes)
  const from = new Int32Array(edges.length)
  const to = new Int32Array(edges.length)
  let weights: Float64Array | undefined
  for (let index = 0; index < edges.length; index++) {
    const edge: unknown = edges[index]
    if (!Array.isArray(edge) || edge.length < 2 || edge.length > 3) {
      throw invalid(`graph.edges[${index}]`, 'an edge is [from, to] or [from, to, weight]')
    }
    from[index] = names.take(edge[0], index)
    to[index] = names.take(edge[1], index)
    if (edge.length === 2 || edge[2] === null) continue
    const weight: unknown = edge[2]
    if (typeof weight !== 'number' || !(weight >= 0 && weight <= maxWeight)) {
      throw invalid(`graph.edges[${index}]`, `a weight is a number from 0 to ${maxWeight}`)
    }
    weights ??= new Float64Array(edges.length).fill(1)
    weights[index] = weight
  }
  const count = names.count()
  return {
    data: { nodes: count, from, to, directed, ...(weights === undefined ? {} : { weights }) },
    nameOf: names.nameOf,
    find: (node, field) => {
      const found = names.look(node)
      if (found !== undefined && found < count) return found
      throw invalid(field, `the graph has no node ${quote(node)}`)
    },
  }
}

/** What outside calls each node of a list, as often as it comes. */
export const namesOf = (graph: NamedGraph, nodes: Int32Array): NodeRef[] => Array.from(nodes, graph.nameOf)

/** Members of each component, the largest first; among equals the one whose first node comes first. */
export const groupNodes = (graph: NamedGraph, membership: Int32Array): NodeRef[][] => {
  const groups: NodeRef[][] = []
  for (let node = 0; node < membership.length; node++) {
    const group = (groups[at(membership, node)] ??= [])
    group.push(graph.nameOf(node))
  }
  return groups.sort((one, other) => other.length - one.length)
}

interface Names {
  /** The number of a node that an edge names. */
  take(node: unknown, edge: number): number
  look(node: NodeRef): number | undefined
  nameOf(node: number): NodeRef
  count(): number
}

const makeNames = (nodes: readonly string[] | number | undefined): Names => {
  if (nodes === undefined) return gatheredNames()
  if (typeof nodes === 'number') return numberNames(nodes)
  return listedNames(nodes)
}

/** Nodes that are numbers. */
const numberNames = (nodes: number): Names => ({
  take: (node, edge) => {
    if (isIndex(node) && node < nodes) return node
    throw invalid(`graph.edges[${edge}]`, `the graph has no node ${quote(node)}`)
  },
  look: (node) => (isIndex(node) ? node : undefined),
  nameOf: (node) => node,
  count: () => nodes,
})

/** Nodes with names; an edge may still name one by its place. */
const listedNames = (nodes: readonly string[]): Names => {
  if (nodes.length > maxNodes) throw invalid('graph.nodes', `there are more than ${maxNodes}`)
  const numbers = new Map<unknown, number>()
  for (const name of nodes) {
    if (!isName(name))
      throw invalid(`graph.nodes[${numbers.size}]`, `a name is text of at most ${maxNameLength} characters`)
    if (numbers.has(name)) throw invalid(`graph.nodes`, `${quote(name)} is there twice`)
    numbers.set(name, numbers.size)
  }
  const look = (node: unknown): number | undefined => (isIndex(node) ? node : numbers.get(node))
  return {
    take: (node, edge) => {
      const found = look(node)
      if (found !== undefined && found < nodes.length) return found
      throw invalid(`graph.edges[${edge}]`, `the graph has no node ${quote(node)}`)
    },
    look,
    nameOf: (node) => nodes[node] ?? node,
    count: () => nodes.length,
  }
}

/** Nodes that only the edges name: all by names, or all by numbers. */
const gatheredNames = (): Names => {
  const numbers = new Map<string, number>()
  const names: string[] = []
  let highest = -1
  const add = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, names.length)
    return names.push(name) - 1
  }
  return {
    take: (node, edge) => {
      if (isIndex(node) && node < maxNodes && names.length === 0) {
        highest = Math.max(highest, node)
        return node
      }
      if (isName(node) && highest < 0) {
        if (names.length < maxNodes || numbers.has(node)) return add(node)
        throw invalid('graph.edges', `they name more than ${maxNodes} nodes`)
      }
      throw invalid(
        `graph.edges[${edge}]`,
        `without graph.nodes all nodes are names, or all are numbers below ${maxNodes}`,
      )
    },
    look: (node) => (typeof node === 'string' ? numbers.get(node) : names.length === 0 ? node : undefined),
    nameOf: (node) => names[node] ?? node,
    count: () => (names.length > 0 ? names.length : highest + 1),
  }
}

const isIndex = (node: unknown): node is number => typeof node === 'number' && Number.isInteger(node) && node >= 0
const isName = (node: unknown): node is string => typeof node === 'string' && node.length <= maxNameLength
const quote = (node: unknown): string =>
  typeof node === 'string'
    ? JSON.stringify(node.slice(0, 100))
    : typeof node === 'number'
      ? String(node)
      : `(${typeof node})`

const invalid = (path: string, message: string): BulkheadError =>
  new BulkheadError('input.invalid', `${path}: ${message}`, { details: { issues: [{ path, message }] } })
