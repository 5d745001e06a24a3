// What the graph functions give back: the shapes, and the bound on how much. A small input can name a result of hundreds of
// megabytes (a long name that comes with every node), which is put together on the host's loop: it is refused before.

import { z } from 'zod'
import { ResultBudget } from '../compute/bounds.ts'
import { type NamedGraph, type NodeRef, nodeRef } from './graph-input.ts'

/** A list that we make ourselves: its schema describes it and looks at no member, which takes seconds for all that may be in it. */
const madeList = <Member>(items: z.ZodType<Member>): z.ZodType<Member[]> =>
  z.unknown().meta({ type: 'array', items: z.toJSONSchema(items) as Record<string, unknown> }) as never

/** Nodes. */
export const nodeList = madeList<NodeRef>(nodeRef)
/** Groups of nodes. */
export const nodeGroups = madeList<NodeRef[]>(z.array(nodeRef))
/** Nodes that were visited, each with the one that led to it. */
export const visitedNodes = madeList(z.object({ node: nodeRef, depth: z.int(), parent: nodeRef.nullable() }))
/** Nodes and how far they are. */
export const distantNodes = madeList(z.object({ node: nodeRef, distance: z.number() }))
/** Nodes and how central they are. */
export const rankedNodes = madeList(z.object({ node: nodeRef, rank: z.number() }))
/** Nodes and how many edges they have. */
export const nodeDegrees = madeList(z.object({ node: nodeRef, incoming: z.int(), outgoing: z.int(), degree: z.int() }))

/**
 * Counts the nodes that a result names, with `numbersEach` numbers beside each of them; below 0 stands for no node.
 * @throws BulkheadError `limit.output`
 */
export const requireRoom = (graph: NamedGraph, nodes: Iterable<number>, numbersEach = 0): void => {
  const budget = new ResultBudget()
  for (const node of nodes) {
    const name = node < 0 ? '' : graph.nameOf(node)
    budget.add(typeof name === 'string' ? name.length : 0, 1 + numbersEach)
  }
}

/** The same for all nodes in groups, of which each is a list. @throws BulkheadError `limit.output` */
export const requireRoomForGroups = (membership: Int32Array): void => {
  // Names come once each: they fit in the answer as they did in the question.
  new ResultBudget().add(0, membership.length + new Set(membership).size)
}
