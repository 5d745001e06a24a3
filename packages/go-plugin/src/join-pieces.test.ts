// Messages that come in as many frames as they have bytes.

import { randomBytes } from 'node:crypto'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { StreamDecoder } from '@grpc/grpc-js/build/src/stream-decoder.js'
import { expect, test, vi } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { piecesOf } from './join-pieces.ts'

const framed = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

test('a message in single bytes is whole in the end, and held in few pieces until then', () => {
  const decoder = new StreamDecoder(-1)
  for (const size of [200_000, 3000]) {
    const message = framed(randomBytes(size))
    let most = 0
    for (const [at, byte] of message.subarray(0, -1).entries()) {
      expect(decoder.write(Buffer.of(byte))).toEqual([])
      if (at % 1000 === 0) most = Math.max(most, piecesOf(decoder).length)
    }
    expect(most).toBeLessThan(2 * 1024)
    const [whole] = decoder.write(message.subarray(-1))
    expect(whole?.equals(message)).toBe(true)
  }
})

test('our connections read with what was mended', async () => {
  using folder = openFolder()
  const server = createServer().on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(framed(Buffer.from([0x08, 0x01])))
  })
  const path = join(folder.path, 'server')
  await new Promise<void>((resolve) => void server.listen(path, resolve))
  const write = vi.spyOn(StreamDecoder.prototype, 'write')
  try {
    using connection = openConnection({ network: 'unix', path }, undefined, { maxMessageBytes: 4096 })
    expect(await connection.call(methodOf('grpc.health.v1.Health', 'Check'), {})).toMatchObject({ status: 'SERVING' })
    expect(write).toHaveBeenCalled()
  } finally {
    write.mockRestore()
    server.close()
  }
})
