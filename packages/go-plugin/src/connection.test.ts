// What becomes of a call when the other side says nothing, or too much.

import { once } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { type Connection, openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'

const method = methodOf('grpc.health.v1.Health', 'Check')

/** A connection to a server that takes calls and never answers; `taken` settles with the first. */
const openSilent = async (
  folder: string,
): Promise<Connection & AsyncDisposable & { readonly taken: Promise<unknown> }> => {
  const server = createServer()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session.on('error', () => {})))
  server.on('stream', (stream) => stream.on('error', () => {}))
  const path = join(folder, 'silent')
  await new Promise<void>((resolve) => void server.listen(path, resolve))
  const connection = openConnection({ network: 'unix', path }, undefined, { maxMessageBytes: 1_024 })
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

test('its end fails the calls under way, although the other side still holds the socket', async () => {
  using folder = openFolder()
  await using connection = await openSilent(folder.path)
  const call = connection.call(method, {})
  const streamed = connection.stream(method, {}).next()
  const streamEnd = expect(streamed).rejects.toMatchObject({ code: 'plugin.crashed' })
  await connection.taken
  connection[Symbol.dispose]()
  await expect(call).rejects.toMatchObject({ code: 'plugin.crashed' })
  await streamEnd
  await expect(connection.call(method, {})).rejects.toMatchObject({ code: 'plugin.crashed' })
})

test('a call that was cancelled before it began is not made', async () => {
  using folder = openFolder()
  await using connection = await openSilent(folder.path)
  const made = vi.spyOn(connection.client, 'makeUnaryRequest')
  await expect(connection.call(method, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'call.cancelled',
  })
  expect(made).not.toHaveBeenCalled()
})
