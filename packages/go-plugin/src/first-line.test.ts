// How much is read before there is a line, and what stays for the next reader.

import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readFirstLine } from './first-line.ts'

const never = new AbortController().signal

test('a line in pieces is put together, and the rest stays in the stream', async () => {
  const stream = new PassThrough()
  const line = readFirstLine(stream, { maxBytes: 100, signal: never })
  for (const part of ['1|1|', 'unix', '|x\nmo', 're\n']) stream.write(part)
  expect(await line).toBe('1|1|unix|x')
  stream.end()
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('more\n')
})

test('no more is read than the bound and what the stream itself reads ahead', async () => {
  let read = 0
  const stream = new Readable({
    highWaterMark: 1_024,
    read() {
      read += 1_024
      this.push(read > 2 ** 30 ? null : Buffer.alloc(1_024, 'x'))
    },
  })
  await expect(readFirstLine(stream, { maxBytes: 4_096, signal: never })).rejects.toMatchObject({
    code: 'protocol.handshake',
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(read).toBeLessThanOrEqual(4_096 + 4 * 1_024)
})

test('a stream that is over already, ends or fails is refused', async () => {
  const over = Readable.from([])
  await over.toArray()
  await expect(readFirstLine(over, { maxBytes: 10, signal: never })).rejects.toMatchObject({
    code: 'protocol.handshake',
  })
  const failing = new PassThrough()
  const line = readFirstLine(failing, { maxBytes: 10, signal: never })
  failing.destroy(new Error('broken'))
  await expect(line).rejects.toMatchObject({ code: 'protocol.handshake' })
})

test('an abort before and during the wait ends it', async () => {
  const caller = new AbortController()
  const line = readFirstLine(new PassThrough(), { maxBytes: 10, signal: caller.signal })
  caller.abort()
  await expect(line).rejects.toMatchObject({ code: 'call.cancelled' })
  const again = readFirstLine(new PassThrough(), { maxBytes: 10, signal: caller.signal })
  await expect(again).rejects.toMatchObject({ code: 'call.cancelled' })
})
