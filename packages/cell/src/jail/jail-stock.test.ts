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
  return { stock: new JailStock({ usualGuestBytes: 2 ** 30, start }, 1), starts: () => starts }
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

test('a plugin that may take more than a spare allows gets a jail of its own size', async () => {
  const sizes: number[] = []
  const start = async (_: readonly string[], guestBytes: number) => {
    sizes.push(guestBytes)
    const streams = [new PassThrough(), new PassThrough(), new PassThrough()] as const
    const [stdin, stdout, stderr] = streams
    const exited = new Promise<never>(() => undefined)
    return { stdin, stdout, stderr, exited, end: async () => undefined, hold: () => undefined }
  }
  await using stock = new JailStock({ usualGuestBytes: 1000, start }, 1)
  expect(await stock.fault()).toBeUndefined()
  await stock.take(2000)
  await stock.take(1000)
  expect(sizes).toEqual([1000, 2000])
})
