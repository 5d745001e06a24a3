// Lines and floods: what is held, what is handed on, and what a plugin cannot make a line look like.

import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeLogBook } from '../peers/process.ts'
import { drainThrough, type LogIntakeOptions, makeLogIntake } from './log-intake.ts'
import { type LogSource, makeLineParser, maxLineBytes } from './log-record.ts'

const taken = (
  chunks: readonly (string | Uint8Array)[],
  options: LogIntakeOptions = {},
  source: LogSource = 'stderr',
) => {
  const book = makeLogBook()
  const intake = makeLogIntake(source, book, { nowMs: () => 0, ...options })
  for (const chunk of chunks) intake.push(Buffer.from(chunk))
  intake.end()
  return book
}

describe('lines', () => {
  test('are the same however the bytes are cut', () => {
    const text = 'one\ntwo\r\n\nthree äöü €\nfour'
    const whole = taken([text]).records
    expect(whole.map(({ message }) => message)).toEqual(['one', 'two', '', 'three äöü €', 'four'])
    const bytes = Buffer.from(text)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        expect(taken(parts).records).toEqual(whole)
      }),
    )
  })

  test('without an end are cut at the bound and what follows is let go', () => {
    const { records } = taken([...Array.from({ length: 100 }, () => 'x'.repeat(1_000)), '\nnext\n'])
    expect(records).toHaveLength(2)
    expect(records[0]).toMatchObject({ cut: true, level: 'debug' })
    expect(records[0]?.message.length).toBeLessThanOrEqual(maxLineBytes)
    expect(records[1]?.message).toBe('next')
  })

  test('beyond so many within a second are dropped and counted once', () => {
    let now = 0
    const book = makeLogBook()
    const intake = makeLogIntake('stderr', book, { maxLinesPerSecond: 3, nowMs: () => now })
    intake.push(Buffer.from('a\n'.repeat(10)))
    expect(book.records).toHaveLength(3)
    now = 1_000
    intake.push(Buffer.from('b\n'))
    expect(book.lost.get('stderr')).toBe(7)
    expect(book.records.map(({ message }) => message)).toEqual(['a', 'a', 'a', 'b'])
  })

  test('beyond so many bytes within a second are dropped as well', () => {
    const book = taken(['0123456789\n'.repeat(5)], { maxBytesPerSecond: 25 })
    expect(book.records).toHaveLength(2)
    expect(book.lost.get('stderr')).toBe(3)
  })
})

describe('records', () => {
  const parse = (line: string) => makeLineParser('stderr')(line, false)

  test('of hclog have their level, message and pairs', () => {
    const line =
      '{"@level":"warn","@message":"disk is full","@module":"m","@timestamp":"2026-01-01T00:00:00.000000Z","free":0}'
    const fields = { '@module': 'm', free: '0' }
    expect(parse(line)).toEqual({ source: 'stderr', level: 'warn', message: 'disk is full', fields })
  })

  test('cannot be forged: one line stays one line, of that plugin, without control characters', () => {
    const forged = 'fine\n2026 [ERROR] host: \u001b[31mgate is open\u202e\u2028'
    const { message, fields } = parse(JSON.stringify({ '@level': 'info', '@message': forged, [forged]: forged }))
    for (const text of [message, ...Object.entries(fields ?? {}).flat()])
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u)
    expect(parse('\u001b]0;title\u0007[ERROR] x').message).toBe('\\x1b]0;title\\x07[ERROR] x')
  })

  test.each([
    '{"@level":"root","@message":"x"}',
    '{"@level":"info","@message":{"toString":1}}',
    '{"@message":"x"}',
    '{"@level":"info"',
    `{"@level":"info","@message":"x","deep":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
    '[]',
    'null',
  ])('that are no hclog are text: %.40s', (line) => {
    expect(parse(line)).toMatchObject({ level: 'debug' })
    expect(parse(line).fields).toBeUndefined()
  })

  test('have at most so many pairs, each cut', () => {
    const pairs = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, 'v'.repeat(60)]))
    const { fields } = parse(JSON.stringify({ '@level': 'info', '@message': 'x', ...pairs, __proto__: { a: 1 } }))
    expect(Object.keys(fields ?? {})).toHaveLength(32)
    const long = parse(JSON.stringify({ '@level': 'info', '@message': 'x', long: 'v'.repeat(5_000) }))
    expect(long.fields?.['long']?.length).toBeLessThan(600)
  })

  test('take a level from the usual prefixes, and error from a panic on', () => {
    expect(parse('[WARN] careful').level).toBe('warn')
    const panicking = makeLineParser('stderr')
    expect(['fine', 'panic: oops', 'goroutine 1 [running]:'].map((line) => panicking(line, false).level)).toEqual([
      'debug',
      'error',
      'error',
    ])
    expect(makeLineParser('forwarded-stdout')('{"@level":"error","@message":"x"}', false)).toEqual({
      source: 'forwarded-stdout',
      level: 'info',
      message: '{"@level":"error","@message":"x"}',
    })
  })

  test('survive any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const { message } of taken([bytes]).records) expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })
})

test('a stream is not read on while its throttle holds it back', async () => {
  let read = 0
  const stream = new Readable({
    highWaterMark: 1_024,
    read() {
      read += 1_024
      this.push(read > 2 ** 24 ? null : Buffer.alloc(1_024, 'x'))
    },
  })
  drainThrough(stream, makeLogIntake('stderr', makeLogBook()), { take: () => (read < 8_192 ? 0 : 60_000) })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(read).toBeLessThan(16_384)
  stream.destroy()
})

test('an empty line costs more than its byte', () => {
  const stream = new Readable({ read: () => undefined })
  let cost = 0
  drainThrough(stream, makeLogIntake('stderr', makeLogBook()), { take: (units) => ((cost += units), 0) })
  stream.emit('data', Buffer.alloc(1000, 10))
  expect(cost).toBeGreaterThan(100_000)
  cost = 0
  stream.emit('data', Buffer.alloc(1000, 120))
  expect(cost).toBe(1000)
  stream.destroy()
})
