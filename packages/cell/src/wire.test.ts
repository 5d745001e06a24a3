import fc from 'fast-check'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { expect, test } from 'vitest'
import { makeChannelPair } from '../fixtures/channel-pair.ts'
import { Peer, type PeerHandlers } from './peer.ts'
import { chunkBytes, inlineBytes, parseMessage, windowBytes } from './wire.ts'

test('what is no message is refused with a typed error, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        parseMessage(value)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(BulkheadError)
      }
    }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('call', 'reply', 'error', 'cancel', 'chunk', 'end', 'credit', 'log'),
      fc.dictionary(
        fc.constantFrom('id', 'head', 'content', 'stream', 'bytes', 'error', 'level', 'message'),
        fc.anything(),
      ),
      (type, fields) => {
        try {
          parseMessage({ ...fields, type })
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BulkheadError)
        }
      },
    ),
  )
})

const handlers = (over: Partial<PeerHandlers> = {}): PeerHandlers => ({
  call: async ({ content }) => ({ head: {}, content }),
  log: () => undefined,
  malformed: (error) => {
    throw error
  },
  isTrusted: false,
  maxContentBytes: 20_000_000,
  ...over,
})

const rawOf = (length: number) =>
  ({ kind: 'raw', bytes: new Uint8Array(length).map((_, index) => index % 251) }) as const

test('contents of any size arrive whole, and nothing stays open', async () => {
  const [near, far] = makeChannelPair()
  const server = new Peer(far, handlers())
  const client = new Peer(near, handlers())
  for (const length of [0, 1, inlineBytes, inlineBytes + 1, chunkBytes * 5 + 1, windowBytes * 2 + 3]) {
    const { content } = await client.call({}, rawOf(length)).answer
    expect(content).toEqual(rawOf(length))
  }
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect([client.open, server.open]).toEqual([0, 0])
  near.close()
})

test('a cancelled call drops its streams on both ends', async () => {
  const [near, far] = makeChannelPair()
  const server = new Peer(far, handlers())
  const client = new Peer(near, handlers())
  const call = client.call({}, rawOf(9_000_000))
  call.cancel()
  await expect(call.answer).rejects.toMatchObject({ code: 'call.cancelled' })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect([client.open, server.open]).toEqual([0, 0])
  near.close()
})

test('a call that was forgotten leaves nothing behind', async () => {
  const [near, far] = makeChannelPair()
  const content = rawOf(9_000_000)
  const server = new Peer(far, handlers({ call: async () => ({ head: {}, content }) }))
  const client = new Peer(near, handlers())
  client.call({}).forget()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([client.open, server.open]).toEqual([0, 0])
  near.close()
})

test('a content beyond the cap is refused before it is taken in', async () => {
  const [near, far] = makeChannelPair()
  const server = new Peer(far, handlers({ maxContentBytes: 1000 }))
  const client = new Peer(near, handlers())
  await expect(client.call({}, rawOf(1001)).answer).rejects.toMatchObject({ code: 'input.too-large' })
  await expect(client.call({}, rawOf(2_000_000)).answer).rejects.toMatchObject({ code: 'input.too-large' })
  expect([client.open, server.open]).toEqual([0, 0])
  near.close()
})

test('a stream that is longer than announced fails, and one that ends early', async () => {
  for (const bytes of [400_001, 1]) {
    const [near, far] = makeChannelPair()
    const server = new Peer(far, handlers())
    const answers: unknown[] = []
    near.onMessage((message) => answers.push(message))
    near.send({
      type: 'call',
      id: 1,
      head: {},
      content: { kind: 'raw', bytes: { stream: 1, length: 400_000, text: false } },
    })
    near.send({ type: 'chunk', stream: 1, bytes: new Uint8Array(bytes) })
    near.send({ type: 'end', stream: 1 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(answers.at(-1)).toMatchObject({ type: 'error', id: 1, error: { code: 'host.internal' } })
    expect(server.open).toBe(0)
    near.close()
  }
})
