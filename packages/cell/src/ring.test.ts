import { MessageChannel } from 'node:worker_threads'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeRingMemory, RingReader, RingWriter } from './ring.ts'
import type { Message } from './wire.ts'

const openRing = () => {
  const memory = makeRingMemory()
  const { port1, port2 } = new MessageChannel()
  const writer = new RingWriter({ memory, port: port1 })
  const reader = new RingReader({ memory, port: port2 })
  return {
    memory,
    writer,
    reader,
    take: (): unknown[] => {
      const taken: unknown[] = []
      reader.drain((message) => taken.push(message))
      return taken
    },
    [Symbol.dispose]: () => {
      port1.close()
      port2.close()
    },
  }
}

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.record({ stream: fc.nat(), length: fc.maxSafeNat(), text: fc.boolean() }),
)
const head = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null)))
const content = fc.oneof(
  fc.record({ kind: fc.constant('raw' as const), bytes: part }),
  fc.record({ kind: fc.constant('value' as const), json: part, blobs: fc.array(part, { maxLength: 4 }) }),
)
const id = fc.maxSafeNat()
const message = fc.oneof(
  fc.record({ type: fc.constantFrom('call', 'reply'), id, head, content }),
  fc.record({
    type: fc.constant('error'),
    id,
    error: fc.record({ code: fc.constant('plugin.failed'), message: fc.string() }),
    head,
  }),
  fc.record({ type: fc.constant('cancel'), id }),
  fc.record({ type: fc.constant('chunk'), stream: id, bytes: fc.uint8Array({ maxLength: 100_000 }) }),
  fc.record({ type: fc.constant('end'), stream: id }),
  fc.record({ type: fc.constant('credit'), stream: id, bytes: id }),
  fc.record({ type: fc.constant('log'), id, level: fc.constant('info'), message: fc.string({ unit: 'binary' }) }),
) as fc.Arbitrary<Message>

/** What UTF-8 cannot say (lone surrogates) becomes U+FFFD on the way. */
const said = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed()
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(said)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), said(member)]))
}

test('messages arrive as they were sent, in order, however the ring wraps', () => {
  using ring = openRing()
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
      for (const sent of messages) ring.writer.send(sent)
      const taken: unknown[] = []
      do {
        taken.push(...ring.take())
        ring.writer.flush()
      } while (ring.writer.isFull || ring.reader.hasMail)
      expect(taken).toEqual(said(messages))
    }),
    { numRuns: 400 },
  )
})

test('what has no room waits, and nothing is lost or out of order', () => {
  using ring = openRing()
  const sent = Array.from(
    { length: 3000 },
    (_, index): Message => ({
      type: 'log',
      id: index,
      level: 'info',
      message: 'x'.repeat(index % 700),
    }),
  )
  for (const line of sent) ring.writer.send(line)
  expect(ring.writer.isFull).toBe(true)
  const taken: unknown[] = []
  while (taken.length < sent.length) {
    taken.push(...ring.take())
    ring.writer.flush()
  }
  expect(taken).toEqual(sent)
  expect(ring.writer.isFull).toBe(false)
})

test('byte strings that somebody else holds are copied, and those that nobody holds change hands', () => {
  using ring = openRing()
  const kept = new Uint8Array(100_000).fill(7)
  const given = new Uint8Array(100_000).fill(8)
  const raw = (bytes: Uint8Array, owned?: boolean): Message => ({
    type: 'reply',
    id: 1,
    head: {},
    content: { kind: 'raw', bytes },
    ...(owned === undefined ? {} : { owned }),
  })
  ring.writer.send(raw(kept))
  ring.writer.send(raw(given, true))
  expect([kept.length, given.length]).toEqual([100_000, 0])
  expect(ring.take()).toEqual([raw(new Uint8Array(100_000).fill(7)), raw(new Uint8Array(100_000).fill(8))])
})

test('a ring full of nonsense gives something that is no message, and never throws', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 64, maxLength: 400 }),
      fc.integer({ min: 8, max: 300 }),
      (noise, written) => {
        using ring = openRing()
        new Uint8Array(ring.memory, 64).set(noise)
        Atomics.store(new Int32Array(ring.memory), 0, written & ~7)
        let taken = 0
        ring.reader.drain(() => {
          if (++taken > 100) throw new Error('endless')
        })
      },
    ),
  )
})

test.each([256 * 1024 + 8, 2 ** 31 - 8, 2 ** 31, 2 ** 32 - 8])(
  'a count of %d bytes written is no reason to read that many',
  (written) => {
    using ring = openRing()
    Atomics.store(new Int32Array(ring.memory), 0, written | 0)
    expect(ring.take()).toEqual([undefined])
    expect(ring.take()).toEqual([])
  },
)
