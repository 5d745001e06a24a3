import { PassThrough } from 'node:stream'
import { BulkheadError, type ErrorCode } from '@bulkhead/kernel/wire'
import { expect, test } from 'vitest'
import type { JailProcess } from './jail.ts'
import { JailStock } from './jail-stock.ts'

/** Fails with these codes first; then it starts processes that do nothing. */
const openStock = (...codes: readonly ErrorCode[]) => {
  let starts = 0
  const start = async (): Promise<JailProcess> => {
    const code = codes[starts++]
    if (code !== undefined) throw new BulkheadError(code, 'no')
    const exit = Promise.withResolvers<{ reason: string; code: null; signal: null }>()
    const end = async (): Promise<void> => exit.resolve({ reason: 'ended', code: null, signal: null })
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    return { stdin, stdout, stderr, exited: exit.promise, end, hold: () => undefined }
  }
  return { stock: new JailStock({ start }, 1), starts: () => starts }
}

test('that there is no sandbox is found out once', async () => {
  const { stock, starts } = openStock('sandbox.missing')
  await using _ = stock
  expect(await stock.fault()).toMatchObject({ code: 'sandbox.missing' })
  expect(await stock.fault()).toMatchObject({ code: 'sandbox.missing' })
  expect(starts()).toBe(1)
})

test('a start that failed otherwise is tried again', async () => {
  const { stock, starts } = openStock('sandbox.failed')
  await using _ = stock
  expect(await stock.fault()).toMatchObject({ code: 'sandbox.failed' })
  expect(await stock.fault()).toBeUndefined()
  expect(await stock.fault()).toBeUndefined()
  expect(starts()).toBe(2)
})
