// How much of an answer one question of the vault makes.

import type { AnyHostFunction, RunContext } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import type { Vaults } from '../vaults-node.ts'
import { makeSearchFunctions } from './search-functions.ts'

test('the notes of an answer are read in several questions, so that others have their turn in between', async () => {
  const hits = Array.from({ length: 35 }, (_, index) => ({ path: `${index}.md`, score: 1, at: null }))
  const asked: number[] = []
  const vault = {
    ask: (question: { kind: string; hits: typeof hits; range: { offset: number } }) => {
      if (question.kind === 'search')
        return Promise.resolve({ hits: hits.slice(question.range.offset), isPending: false })
      asked.push(question.hits.length)
      return Promise.resolve(question.hits.map(({ path }) => ({ path, title: path, snippet: '', line: 1 })))
    },
  }
  const vaults = { of: () => Promise.resolve(vault) } as unknown as Vaults
  const search = makeSearchFunctions(vaults).find(({ name }) => name === 'notes.search') as AnyHostFunction
  const context = {
    call: { principal: { id: 'a' }, limits: { fileSizeBytes: 1000 } },
    signal: new AbortController().signal,
    allows: () => true,
  } as unknown as RunContext
  const input = search.input.parse({ query: 'word', limit: 35 }) as object
  const answer = await search.run({ function: 'notes.search', input, capabilities: [], recordId: '' }, context)
  expect((answer as { hits: unknown[] }).hits).toHaveLength(35)
  expect(asked).toEqual([10, 10, 10, 5])
})
