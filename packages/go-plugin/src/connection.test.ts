// What becomes of a call when the other side says nothing, or too much.

import { once } from 'node:events'
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BulkheadError } from '@bulkhead/kernel'
import { expect, test, vi } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { type Connection, openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'

const method = methodOf('grpc.health.v1.Health', 'Check')

/** A connection to a server that does with each call what it is told to; by default it takes it and never answers. */
const openTo = async (
  folder: string,
  onStream: (stream: ServerHttp2Stream) => void = () => {},
): Promise<Connection & AsyncDisposable & { readonly taken: Promise<unknown> }> => {
  const server = createServer()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session.on('error', () => {})))
  server.on('stream', (stream: ServerHttp2Stream) => onStream(stream.on('error', () => {})))
  const path = join(folder, 'server')
  await new Promise<void>((resolve) => void server.listen(path, resolve))
  const connection = openConnection({ network: 'unix', path }, undefined, { maxMessageBytes: 4_096 })
  return {
    ...connection,
    taken: once(server, 'stream'),
    [Symbol.asyncDispose]: async () => {
      connection[Symbol.dispose]()
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A gRPC message without compression. */
const frame = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
const grpc = { ':status': 200, 'content-type': 'application/grpc' }
const serving = Buffer.from([0x08, 0x01])

test('its end fails the calls under way, although the other side still holds the socket', async () => {
  using folder = openFolder()
  await using connection = await openTo(folder.path)
  const ends = Promise.allSettled([connection.call(method, {}), connection.stream(method, {}).next()])
  await connection.taken
  connection[Symbol.dispose]()
  const crashed = expect.objectContaining({ code: 'plugin.crashed' }) as unknown
  expect((await ends).map((end) => (end.status === 'rejected' ? end.reason : end))).toEqual([crashed, crashed])
  await expect(connection.call(method, {})).rejects.toEqual(crashed)
  await expect(connection.stream(method, {}).next()).rejects.toEqual(crashed)
})

test('a stream is held back while nobody asks for more, and cancelled when the loop is left', async () => {
  using folder = openFolder()
  let written = 0
  const closed = Promise.withResolvers<number>()
  // No more than 64 MiB, should nothing hold it back.
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => frame(serving)))
  await using connection = await openTo(folder.path, (stream) => {
    stream.respond(grpc)
    stream.on('close', () => closed.resolve(stream.rstCode))
    const write = (): void => {
      while (!stream.destroyed && written < 2 ** 26) {
        written += many.length
        if (!stream.write(many)) return void stream.once('drain', write)
      }
    }
    write()
  })
  for await (const message of connection.stream(method, {})) {
    expect(message).toEqual({ status: 'SERVING' })
    await pause(300)
    expect(written).toBeLessThan(2 ** 21)
    break
  }
  expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL)
})

test.each([
  ['that is no message', Buffer.from('no protobuf'), 'protocol.violation'],
  ['that is too large', Buffer.alloc(4_097), 'limit.output'],
  ['of too many parts', Buffer.alloc(2_000, Buffer.from([0x12, 0x00])), 'limit.output'],
])('an answer of a stream %s ends it', async (_, bytes, code) => {
  using folder = openFolder()
  await using connection = await openTo(folder.path, (stream) => {
    stream.respond(grpc)
    stream.write(Buffer.concat([frame(serving), frame(bytes)]))
  })
  const read = async (): Promise<void> => {
    // What came before it in the same packet may be lost with it.
    for await (const message of connection.stream(method, {})) expect(message).toEqual({ status: 'SERVING' })
  }
  await expect(read()).rejects.toMatchObject({ code })
})

test('a stream ends with what its caller aborted it with', async () => {
  using folder = openFolder()
  await using connection = await openTo(folder.path, (stream) => stream.respond(grpc))
  const caller = new AbortController()
  const next = connection.stream(method, {}, { signal: caller.signal }).next()
  await connection.taken
  caller.abort(new BulkheadError('limit.time', 'too slow'))
  await expect(next).rejects.toMatchObject({ code: 'limit.time' })
})

test('a call that was cancelled before it began is not made', async () => {
  using folder = openFolder()
  await using connection = await openTo(folder.path)
  const made = vi.spyOn(connection.client, 'makeUnaryRequest')
  await expect(connection.call(method, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'call.cancelled',
  })
  expect(made).not.toHaveBeenCalled()
})
