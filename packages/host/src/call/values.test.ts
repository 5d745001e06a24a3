import { compileSchema } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { readOutput } from './values.ts'

test('an output that is no JSON is refused, with a word on how to get the bytes', () => {
  for (const json of ['', 'ABC', '{"a":', '[1,]', `${'['.repeat(300)}${']'.repeat(300)}`]) {
    expect(() => readOutput(undefined, { json }, 'the output of t.a')).toThrow(
      expect.objectContaining({ code: 'output.invalid', hint: expect.stringContaining('--raw') }),
    )
  }
})

test('an output is read and held against its schema', () => {
  expect(readOutput(compileSchema({ type: 'number' }), { json: '7' }, 'the output')).toBe(7)
  expect(() => readOutput(compileSchema({ type: 'number' }), { json: '"7"' }, 'the output')).toThrow(
    expect.objectContaining({ code: 'output.invalid' }),
  )
})
