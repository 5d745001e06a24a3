// A plugin that pushes streams: unless it is refused, its pushed bodies pile up, and their failure ends this process.

import { once } from 'node:events'
import { type ClientHttp2Stream, connect, createServer, type ServerHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as connectSocket } from 'node:net'
import { expect, test } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'

/** A server that answers each stream by pushing a thousand others, none of which it ends. */
const openPushing = async (path: string): Promise<{ readonly pushed: () => number } & AsyncDisposable> => {
  const server = createServer()
  let pushed = 0
  const streams = new Set<ServerHttp2Stream>()
  server.on('session', (session) => session.on('error', () => {}))
  const flood = async (stream: ServerHttp2Stream): Promise<void> => {
    for (let at = 0; at < 1_000 && !stream.destroyed; at++) {
      stream.pushStream({ ':path': `/${at}` }, (error, push) => {
        if (error !== null) return
        pushed++
        push.on('error', () => {})
        push.respond({ ':status': 200 })
        push.write(Buffer.alloc(10_000))
      })
      if (at % 50 === 49) await turn()
    }
  }
  server.on('stream', (stream: ServerHttp2Stream) => {
    streams.add(stream.on('error', () => {}))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    void flood(stream)
  })
  await new Promise<void>((resolve) => void server.listen(path, resolve))
  return {
    pushed: () => pushed,
    [Symbol.asyncDispose]: async () => {
      for (const { session } of streams) session?.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('its connection is ended, the call fails, and this process lives', async () => {
  using folder = openFolder()
  const path = join(folder.path, 'server')
  await using server = await openPushing(path)
  using connection = openConnection({ network: 'unix', path }, undefined, { maxMessageBytes: 1_024 })
  const call = connection.call(methodOf('grpc.health.v1.Health', 'Check'), {}, { signal: AbortSignal.timeout(5_000) })
  await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/^plugin\./) as string })
  expect(server.pushed()).toBeLessThan(1_000)
})

test('connections of the embedding program take what is pushed, as before', async () => {
  using folder = openFolder()
  const path = join(folder.path, 'server')
  await using _ = await openPushing(path)
  const session = connect('http://localhost', { createConnection: () => connectSocket(path) })
  session.on('error', () => {})
  session.request().on('error', () => {})
  const [push] = (await once(session, 'stream')) as [ClientHttp2Stream]
  push.on('error', () => {})
  session.on('stream', (stream: ClientHttp2Stream) => stream.on('error', () => {}))
  expect(push.destroyed).toBe(false)
  session.destroy()
})
