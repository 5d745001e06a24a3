// Graphs that are too large, malformed or named after what objects have; and one plugin's graphs against another's.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

test('a million edges are refused before anything is made of them', async () => {
  const edges = Array.from({ length: 1_000_000 }, (_, edge) => [edge % 1000, (edge * 7) % 1000])
  expect(await doors.door().refused('graph.stats', { graph: { edges } })).toMatchObject({ code: 'input.too-large' })
})

test('an edge may not conjure nodes up', async () => {
  const door = doors.door()
  for (const edges of [[[0, 2 ** 31]], [[0, 1e300]], [[250_001, 0]]]) {
    expect(await door.refused('graph.page_rank', { graph: { edges } })).toMatchObject({ code: 'input.invalid' })
  }
  expect(await door.refused('graph.page_rank', { graph: { nodes: 1e9, edges: [] } })).toMatchObject({
    code: 'input.invalid',
  })
})

test.each([
  ['no list', { edges: 'x' }],
  ['an edge that is no list', { edges: [{ 0: 'a', 1: 'b', length: 2 }] }],
  ['an edge of one end', { edges: [['a']] }],
  ['an edge of four', { edges: [['a', 'b', 1, 2]] }],
  ['an end that is no name', { edges: [['a', {}]] }],
  ['an end that is nothing', { edges: [['a', null]] }],
  ['names and numbers', { edges: [['a', 0]] }],
  [
    'numbers and names',
    {
      edges: [
        [0, 1],
        ['a', 'b'],
      ],
    },
  ],
  ['a negative weight', { edges: [['a', 'b', -1]] }],
  ['a weight that is huge', { edges: [['a', 'b', 1e101]] }],
  ['a weight that is text', { edges: [['a', 'b', '1']] }],
  ['a node twice', { nodes: ['a', 'a'], edges: [] }],
  ['a node that is no text', { nodes: [1], edges: [] }],
  ['a name that is long', { nodes: ['a'.repeat(1001)], edges: [] }],
  ['a node that is not there', { nodes: ['a'], edges: [['a', 'b']] }],
  ['a place that is not there', { nodes: ['a'], edges: [[0, 1]] }],
  ['half a node', { nodes: 2, edges: [[0.5, 1]] }],
  ['half a node without nodes', { edges: [[0.5, 1]] }],
  ['more members', { edges: [], extra: 1 }],
])('%s is refused, and named', async (_what, graph) => {
  const error = await doors.door().refused('graph.stats', { graph })
  expect(error).toMatchObject({ code: 'input.invalid', message: expect.stringContaining('graph') })
})

test('nodes named after what objects have are nodes', async () => {
  const door = doors.door()
  const names = ['__proto__', 'constructor', 'hasOwnProperty', '']
  const graph = { nodes: names, edges: names.map((name, index) => [name, names[(index + 1) % 4]]) }
  const { visited } = await door.call<{ visited: { node: string }[] }>('graph.bfs', { graph, start: '__proto__' })
  expect(visited.map(({ node }) => node)).toEqual(names)
  expect(await door.call('graph.components', { graph, mode: 'strong' })).toEqual({ components: [names] })
  expect(await door.refused('graph.bfs', { graph, start: 'toString' })).toMatchObject({ code: 'input.invalid' })
})

test('a plugin that computes without pause does not keep another from computing', async () => {
  const edges = Array.from({ length: 30_000 }, (_, edge) => [(edge * 31) % 9973, (edge * 17) % 9973])
  const heavy = { graph: { edges }, iterations: 1000, tolerance: 0, limit: 1 }
  const flooding = doors.door({ principal: 'file:/f#f' })
  const order: string[] = []
  const flood = Array.from({ length: 8 }, () => flooding.call('graph.page_rank', heavy).then(() => order.push('flood')))
  const quiet = doors.door({ principal: 'file:/q#q' })
  await quiet.call('graph.stats', { graph: { edges: [['a', 'b']] } })
  order.push('quiet')
  // It would be the last, had it had to wait for what was asked before.
  expect(order.length).toBeLessThan(6)
  await Promise.all(flood)
})

test('every result is finite, whatever the weights', async () => {
  const door = doors.door()
  const graph = {
    edges: [
      ['a', 'b', 1e100],
      ['b', 'c', 1e100],
      ['c', 'a', 5e-324],
      ['d', 'a', 5e-324],
      ['a', 'a', 0],
    ],
  }
  for (const name of ['graph.page_rank', 'graph.communities', 'graph.stats']) {
    expect(JSON.stringify(await door.call(name, { graph })), name).not.toContain('null')
  }
  const far = await door.call<{ distances: { distance: number }[] }>('graph.distances', { graph, from: 'a' })
  for (const { distance } of far.distances) expect(Number.isFinite(distance)).toBe(true)
})
