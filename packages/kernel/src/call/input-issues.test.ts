import { expect, test } from 'vitest'
import { z } from 'zod'
import { bytes } from '../function/host-function.ts'
import { issuesOfInput } from './input-issues.ts'

const schema = z.strictObject({
  path: z.string().max(5),
  limit: z.int().min(1).optional(),
  recursive: z.boolean().default(true),
  mode: z.enum(['text', 'semantic']).optional(),
  time: z.union([z.string(), z.number()]).optional(),
  data: bytes().optional(),
  filter: z.strictObject({ folder: z.string().optional() }).optional(),
  keys: z.array(z.string()).max(2).optional(),
})

const told = (value: unknown, input: z.ZodType = schema) =>
  issuesOfInput(input, value, input.safeParse(value).error?.issues ?? []).map(
    ({ path, message, near }) => `${path}: ${message}${near.length === 0 ? '' : ` (${near.join(', ')})`}`,
  )

test.each([
  [{}, ['path: is required']],
  [{ path: 7 }, ['path: must be a string, not a number']],
  [{ path: null }, ['path: must be a string, not null']],
  [{ path: 'a', limit: 1.5 }, ['limit: must be an integer']],
  [{ path: 'a', limit: '1' }, ['limit: must be a number, not a string']],
  [{ path: 'a', limit: 0 }, ['limit: must be at least 1']],
  [{ path: 'abcdef' }, ['path: must have at most 5 characters']],
  [{ path: 'a', keys: ['a', 'b', 'c'] }, ['keys: must have at most 2 items']],
  [{ path: 'a', keys: [1] }, ['keys.0: must be a string, not a number']],
  [{ path: 'a', recursiv: true }, ['recursiv: is not expected here (recursive)']],
  [{ path: 'a', filter: { fodler: 'x' } }, ['filter.fodler: is not expected here (folder)']],
  [{ path: 'a', mode: 'txet' }, ['mode: must be one of text, semantic (text)']],
  [{ path: 'a', time: {} }, ['time: must be a string or a number, not an object']],
  [{ path: 'a', data: 7 }, ['data: must be bytes or a string, not a number']],
  [[], [': must be an object, not a list']],
])('%j: %j', (value, expected) => {
  expect(told(value)).toEqual(expected)
})

test('a union whose type fits tells what is wrong inside', () => {
  const input = z.union([z.string(), z.strictObject({ days: z.int() })])
  expect(told({ days: 'two' }, input)).toEqual(['days: must be a number, not a string'])
})

test('what a guest makes long or many is cut', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${index}`.repeat(200), 1]))
  const issues = issuesOfInput(schema, many, schema.safeParse(many).error?.issues ?? [])
  expect(issues).toHaveLength(10)
  for (const { path } of issues) expect(path.length).toBeLessThanOrEqual(100)
})
