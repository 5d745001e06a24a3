// Small graphs whose answers would be huge. What a thread found is put together on the host's own loop, so an answer is refused
// by its size before any of it is made.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

test('a long name that comes with every node of the answer', async () => {
  const leaves = Array.from({ length: 20_000 }, (_, leaf) => `${leaf}`)
  const edges = leaves.map((_, leaf) => [0, leaf + 1])
  const graph = { nodes: ['\u0001'.repeat(1000), ...leaves], edges }
  for (const name of ['graph.bfs', 'graph.dfs']) {
    expect(await doors.door().refused(name, { graph, start: 0 })).toMatchObject({
      code: 'limit.output',
      message: expect.stringContaining('longer than'),
    })
  }
  const { visited } = await doors.door().call<{ visited: unknown[] }>('graph.bfs', { graph, start: 0, limit: 3 })
  expect(visited).toHaveLength(3)
})

test.each(['page_rank', 'degrees', 'components', 'communities'])(
  'a number of nodes and nothing else is no way to a huge answer of graph.%s',
  async (name) => {
    const graph = { nodes: 250_000, edges: [] }
    expect(await doors.door().refused(`graph.${name}`, { graph })).toMatchObject({
      code: 'limit.output',
      message: expect.stringContaining('more than 250000 values'),
    })
    if (name !== 'page_rank' && name !== 'degrees') return
    const answer = await doors.door().call(`graph.${name}`, { graph, limit: 2 })
    expect(answer[name === 'page_rank' ? 'ranks' : 'degrees']).toHaveLength(2)
  },
)
