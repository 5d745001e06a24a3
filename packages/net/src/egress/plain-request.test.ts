// Bodies of plain requests as they come off the wire.

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { mostPiecesPerSecond, Pace } from './pace.ts'
import { readPlainRequest } from './plain-request.ts'

const requestOf = (body: Iterable<Uint8Array>): IncomingMessage =>
  Object.assign(Readable.from(body), {
    method: 'POST',
    url: 'http://example.com/',
    headers: {},
  }) as unknown as IncomingMessage

function* bytes(count: number): Generator<Uint8Array> {
  for (let at = 0; at < count; at++) yield Uint8Array.of(at % 251)
}

test('come out as they were sent, whatever pieces they came in', async () => {
  const { body } = await readPlainRequest(requestOf(bytes(1000)), new Pace())
  expect(body).toEqual(Uint8Array.from({ length: 1000 }, (_, at) => at % 251))
})

test('a body that comes byte by byte is held back with all other pieces of the proxy', async () => {
  let nowMs = 0
  const waited: number[] = []
  const pace = new Pace({ now: () => nowMs, wait: async (ms) => void (waited.push(ms), (nowMs += ms)) })
  const { body } = await readPlainRequest(requestOf(bytes(mostPiecesPerSecond * 2 + 1)), pace)
  expect(body).toHaveLength(mostPiecesPerSecond * 2 + 1)
  expect(waited).toEqual([1000, 1000])
})
