// A cell that a guest took over and that sends whatever it likes: the host answers with typed errors, holds no more for
// it, and one call never answers for another.

import fc from 'fast-check'
import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { Peer } from '../../packages/cell/src/peer.ts'
import type { Answer } from '../../packages/cell/src/peer-calls.ts'
import { parseMessage } from '../../packages/cell/src/wire.ts'

/** The host's end, with the far end in the test's hands. */
const openHostEnd = () => {
  const sent: Record<string, unknown>[] = []
  const malformed: BulkheadError[] = []
  let receive: (message: unknown) => void = () => undefined
  const peer = new Peer(
    { send: (message) => sent.push(message as never), onMessage: (to) => (receive = to), close: () => undefined },
    {
      call: async ({ content }): Promise<Answer> => ({ head: {}, content }),
      log: () => undefined,
      malformed: (error) => malformed.push(error),
      isTrusted: false,
      maxContentBytes: 1_000_000,
    },
  )
  return { peer, sent, malformed, receive: (message: unknown) => receive(message) }
}

const reference = (stream: number, length: number) => ({ stream, length, text: false })

const small = fc.integer({ min: 0, max: 4 })
const part = fc.oneof(
  fc.string(),
  fc.uint8Array(),
  fc.record({ stream: small, length: fc.integer({ min: 0, max: 2_000_000 }), text: fc.boolean() }),
)
const content = fc.oneof(
  fc.record({ kind: fc.constant('raw'), bytes: part }),
  fc.record({ kind: fc.constant('value'), json: part, blobs: fc.array(part, { maxLength: 3 }) }),
)
const message = fc.oneof(
  fc.record({
    type: fc.constantFrom('call', 'reply'),
    id: small,
    head: fc.dictionary(fc.string(), fc.jsonValue()),
    content,
  }),
  fc.record({
    type: fc.constant('error'),
    id: small,
    error: fc.record({ code: fc.constantFrom('plugin.failed', 'x'), message: fc.string(), details: fc.anything() }),
  }),
  fc.record({ type: fc.constant('cancel'), id: small }),
  fc.record({ type: fc.constant('chunk'), stream: small, bytes: fc.uint8Array() }),
  fc.record({ type: fc.constant('end'), stream: small }),
  fc.record({ type: fc.constant('credit'), stream: small, bytes: fc.maxSafeNat() }),
  fc.anything(),
)

test('whatever arrives in whatever order, no error is untyped and no other call is answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (messages) => {
      const { peer, malformed, receive } = openHostEnd()
      const calls = Array.from({ length: 8 }, () => peer.call({}))
      const settled = new Set<number>()
      for (const { id, answer } of calls) {
        void answer.then(
          () => settled.add(id),
          (thrown: unknown) => {
            settled.add(id)
            expect(thrown).toBeInstanceOf(BulkheadError)
            expect(() => JSON.stringify(thrown)).not.toThrow()
          },
        )
      }
      for (const entry of messages) receive(entry)
      await new Promise((resolve) => setImmediate(resolve))
      for (const error of malformed) expect(error).toBeInstanceOf(BulkheadError)
      // Ids above 4 were never named.
      expect([...settled].every((id) => id <= 4)).toBe(true)
      expect(peer.open).toBeLessThanOrEqual(8 + 2 * messages.length * 4)
    }),
    { numRuns: 300 },
  )
})

test('a second reply to a call is refused, also while the first is not whole yet', async () => {
  const { peer, malformed, receive } = openHostEnd()
  const call = peer.call({})
  for (let reply = 0; reply < 100; reply++) {
    receive({ type: 'reply', id: call.id, head: {}, content: { kind: 'raw', bytes: reference(reply, 900_000) } })
  }
  expect(malformed).toHaveLength(99)
  expect(peer.open).toBe(2)
})

test('a stream cannot be announced twice', async () => {
  const { sent, receive } = openHostEnd()
  const twice = { kind: 'value', json: '1', blobs: [reference(1, 300_000), reference(1, 300_000)] }
  receive({ type: 'call', id: 1, head: {}, content: twice })
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent.at(-1)).toMatchObject({ type: 'error', id: 1, error: { code: 'host.internal' } })
})

test('shared bytes, endless lists and circles are not taken', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8))
  expect(() => parseMessage({ type: 'chunk', stream: 1, bytes: shared })).toThrow(BulkheadError)
  const call = { type: 'call', id: 1, head: {} }
  expect(() => parseMessage({ ...call, content: { kind: 'raw', bytes: shared } })).toThrow(BulkheadError)
  const endless = { kind: 'value', json: '1', blobs: Object.assign([], { length: 2 ** 32 - 1 }) }
  expect(() => parseMessage({ ...call, content: endless })).toThrow(BulkheadError)

  const { peer, receive } = openHostEnd()
  const circle: Record<string, unknown> = { big: 1n }
  circle['again'] = circle
  const outgoing = peer.call({})
  receive({ type: 'error', id: outgoing.id, error: { code: 'plugin.failed', message: 'no', details: circle } })
  const thrown = await outgoing.answer.catch((error: BulkheadError) => error)
  expect(() => JSON.stringify(thrown)).not.toThrow()
  expect(thrown).toMatchObject({ code: 'plugin.failed' })
})
