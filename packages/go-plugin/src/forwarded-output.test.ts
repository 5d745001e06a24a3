// Forwarded output: taken line by line, held back when it floods, and nothing that it must not be.

import { expect, test, vi } from 'vitest'
import { makeLogBook } from '../peers/process.ts'
import type { Connection } from './connection.ts'
import { forwardOutput } from './forwarded-output.ts'

const streaming = (messages: () => AsyncGenerator<object, void, undefined>): Connection =>
  ({ stream: messages }) as unknown as Connection

test('lines of both channels are kept apart, and an error is an end like any other', async () => {
  const book = makeLogBook()
  const connection = streaming(async function* () {
    yield { channel: 'STDOUT', data: Buffer.from('one ') }
    yield { channel: 'STDERR', data: Buffer.from('[WARN] other\n') }
    yield { channel: 'INVALID', data: Buffer.from('nothing\n') }
    yield { channel: 'STDOUT', data: Buffer.from('line') }
    throw new Error('cut')
  })
  await forwardOutput(connection, book)
  expect(book.records).toEqual([
    { source: 'forwarded-stderr', level: 'warn', message: '[WARN] other' },
    { source: 'forwarded-stdout', level: 'info', message: 'one line' },
  ])
})

test('no more is asked for while the throttle holds it back', async () => {
  let asked = 0
  const connection = streaming(async function* () {
    while (asked < 10_000) yield { channel: 'STDOUT', data: Buffer.from(`${++asked}\n`) }
  })
  void forwardOutput(connection, makeLogBook(), { take: () => (asked < 5 ? 0 : 60_000) })
  await vi.waitFor(() => expect(asked).toBe(5))
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toBe(5)
})

test('empty lines cost more than their bytes', async () => {
  const connection = streaming(async function* () {
    yield { channel: 'STDERR', data: Buffer.alloc(1000, '\n') }
  })
  let cost = 0
  await forwardOutput(connection, makeLogBook(), { take: (units) => ((cost += units), 0) })
  expect(cost).toBeGreaterThan(100_000)
})
