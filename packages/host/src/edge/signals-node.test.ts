import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { cancelled, unlessAborted } from './signals-node.ts'

test('a foreign reason becomes call.cancelled, a typed one stays', () => {
  expect(cancelled('enough')).toMatchObject({ code: 'call.cancelled', cause: 'enough' })
  const typed = new BulkheadError('host.closed', 'closed')
  expect(cancelled(typed)).toBe(typed)
})

test('a wait ends with the signal, at once where it was aborted before', async () => {
  await expect(unlessAborted(new Promise(() => undefined), AbortSignal.abort())).rejects.toMatchObject({
    code: 'call.cancelled',
  })
  expect(await unlessAborted(Promise.resolve(1), new AbortController().signal)).toBe(1)
  expect(await unlessAborted(Promise.resolve(2), undefined)).toBe(2)
})
