import { BulkheadError, type CallSession, type JsonObject } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { originalError } from './original-error.ts'

const place = { file: 'main.ts', line: 3, column: 5, frame: '3 | text\n  |     ^', stack: ['at run (main.ts:3:5)'] }

/** What becomes of a host error with these details, when a guest fails with it and tells of these. */
const returned = (own: JsonObject | undefined, told: JsonObject): BulkheadError => {
  const id = 'call1-1'
  const original = new BulkheadError('fs.not-found', 'there is no such file', {
    hint: 'look',
    id,
    ...(own === undefined ? {} : { details: own }),
  })
  const session = { errorOf: (wanted: string) => (wanted === id ? original : undefined) } as CallSession
  return originalError(new BulkheadError('plugin.failed', 'forged', { details: { hostErrorId: id, ...told } }), session)
}

test('it stays the host’s, with the place that the guest’s failure has', () => {
  const error = returned({ path: '/x' }, { ...place, name: 'HostError', guestCode: 'forged' })
  expect(error.toJSON()).toEqual({
    code: 'fs.not-found',
    message: 'there is no such file',
    hint: 'look',
    id: 'call1-1',
    details: { path: '/x', ...place },
  })
})

test('an error that has a place of its own keeps it, and gets one more at most', () => {
  const own = { line: 1, column: 2 }
  const once = returned(own, place).details ?? {}
  expect(once).toEqual({ ...own, script: place })
  expect(returned(once, { ...place, line: 9 }).details).toEqual(once)
})

test.each([
  ['no file', { line: 1 }],
  ['no line', { file: 'main.ts' }],
  ['of other types', { file: ['main.ts'], line: '1' }],
])('what tells of no place adds nothing: %s', (_name, told) => {
  expect(returned({ path: '/x' }, told).details).toEqual({ path: '/x' })
  expect(returned(undefined, told).details).toBeUndefined()
})

test('what a guest tells is bounded, whatever its types', () => {
  const told = {
    file: 'f'.repeat(1e5),
    line: 1,
    column: { a: 1 },
    frame: 'x'.repeat(1e6),
    stack: Array.from({ length: 1e4 }, (_, index) => (index === 0 ? { a: 1 } : 's'.repeat(1e4))),
  }
  const { details } = returned(undefined, told)
  expect(details).not.toHaveProperty('column')
  expect(JSON.stringify(details).length).toBeLessThan(40_000)
})

test('an error that is no host error of this call is what it is', () => {
  const error = new BulkheadError('plugin.failed', 'own', { details: { hostErrorId: 'call2-1', ...place } })
  const session = { errorOf: () => undefined } as unknown as CallSession
  expect(originalError(error, session)).toBe(error)
})
