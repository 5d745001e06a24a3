// Large answers cross as the text that the thread made: the host's loop neither reads nor writes them.

import type { AnyHostFunction, RunContext } from '@bulkhead/kernel'
import { WrittenOutput } from '@bulkhead/kernel'
import { afterEach, expect, test, vi } from 'vitest'
import { Computer } from './compute/computer-node.ts'
import { makeTextFunctions } from './text-functions.ts'

afterEach(() => vi.restoreAllMocks())

const run = async (computer: Computer, name: string, input: object): Promise<unknown> => {
  const fn = makeTextFunctions(computer).find((each) => each.name === name) as AnyHostFunction
  const context = { call: { principal: { id: 'a' } }, signal: new AbortController().signal } as unknown as RunContext
  return fn.run({ function: name, input: fn.input.parse(input) as object, capabilities: [], recordId: '' }, context)
}

test.each([
  ['regex.find_all', { pattern: 'a', text: 'a'.repeat(10_000) }, /^\{"matches":\[\{"text":"a","from":0,/],
  ['regex.split', { pattern: ',', text: 'a,'.repeat(10_000) }, /^\{"parts":\["a",/],
  ['csv.parse', { text: 'a,b\n'.repeat(10_000) }, /^\{"rows":\[\["a","b"\],/],
  ['yaml.parse', { text: '- a\n'.repeat(10_000) }, /^\{"value":\["a",/],
])('%s hands on what its thread wrote', async (name, input, start) => {
  await using computer = new Computer()
  const [parse, stringify] = [vi.spyOn(JSON, 'parse'), vi.spyOn(JSON, 'stringify')]
  const output = await run(computer, name, input)
  // Small things may be read and written meanwhile, by whoever runs this.
  expect(parse.mock.calls.filter(([text]) => text.length > 5000)).toEqual([])
  expect(stringify.mock.results.filter(({ value }) => String(value).length > 5000)).toEqual([])
  vi.restoreAllMocks()
  expect(output).toBeInstanceOf(WrittenOutput)
  const { json } = output as WrittenOutput
  expect(json).toMatch(start)
  const [list] = Object.values(JSON.parse(json) as Record<string, unknown[]>)
  expect(list?.length).toBeGreaterThanOrEqual(10_000)
})
