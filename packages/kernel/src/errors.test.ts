import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { BulkheadError, errorFromWire } from './errors.ts'

test('an error has no properties that say nothing', () => {
  const error = new BulkheadError('plugin.failed', 'it failed')
  expect(Object.keys(error).sort()).toEqual(['code', 'hint', 'name'])
  expect(inspect(error)).not.toContain('undefined')
  expect([error.details, error.id]).toEqual([undefined, undefined])
})

test('what it has comes back from the wire', () => {
  const error = new BulkheadError('plugin.failed', 'it failed', { details: { a: 1 }, id: 'c1-1' })
  expect(errorFromWire(error.toJSON())).toMatchObject({ code: 'plugin.failed', details: { a: 1 }, id: 'c1-1' })
})
