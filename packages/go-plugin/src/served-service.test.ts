// What the host serves to one plugin: who gets in, how many at once, and what of the host's failures gets out.

import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { type Identity, makeIdentity } from './certificate.ts'
import { openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { openService, type ServedMethods } from './served-service.ts'
import { BulkheadError } from '@bulkhead/kernel'

const derOf = ({ certificatePem }: Identity): Buffer => new X509Certificate(certificatePem).raw
const host = await makeIdentity()
const guest = await makeIdentity()
const method = methodOf('bulkhead.plugin.v1.Host', 'Call')
const bounds = { maxMessageBytes: 64 * 1024 }

const serve = (folder: string, methods: ServedMethods) =>
  openService({
    path: join(folder, 'service'),
    service: 'bulkhead.plugin.v1.Host',
    methods,
    trust: { identity: host, certificate: derOf(guest) },
    bounds,
  })
const dial = (
  folder: string,
  identity: Identity,
  expected: Identity = host,
  maxMessageBytes = bounds.maxMessageBytes,
) =>
  openConnection(
    { network: 'unix', path: join(folder, 'service') },
    { identity, certificate: derOf(expected) },
    { maxMessageBytes },
  )
const echo: ServedMethods = {
  Call: async (request) => ({ output_json: (request as { input_json: Buffer }).input_json }),
}

test('the plugin of the handshake gets in', async () => {
  using folder = openFolder()
  await using _ = await serve(folder.path, echo)
  using connection = dial(folder.path, guest)
  const answer = await connection.call(method, { input_json: Buffer.from('1') })
  expect(answer).toMatchObject({ output_json: Buffer.from('1') })
})

test('another program of the same user does not: without TLS, or with another certificate', async () => {
  using folder = openFolder()
  const ran = vi.fn<() => Promise<object>>(async () => ({}))
  await using _ = await serve(folder.path, { Call: ran })
  using stranger = dial(folder.path, await makeIdentity())
  await expect(stranger.call(method, {})).rejects.toMatchObject({ code: 'plugin.crashed' })
  using plain = openConnection({ network: 'unix', path: join(folder.path, 'service') }, undefined, bounds)
  await expect(plain.call(method, {})).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect(ran).not.toHaveBeenCalled()
})

test('connections beyond two are turned away', async () => {
  using folder = openFolder()
  await using _ = await serve(folder.path, echo)
  const sockets = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = connect(join(folder.path, 'service'))
      socket.on('error', () => {})
      await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()))
      return socket
    }),
  )
  const open = (): Socket[] => sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded)
  for (const socket of sockets) socket.resume()
  await vi.waitFor(() => expect(open().length).toBeLessThanOrEqual(2))
  for (const socket of sockets) socket.destroy()
})

test('a message beyond the bound ends that call and runs nothing', async () => {
  using folder = openFolder()
  const ran = vi.fn<() => Promise<object>>(async () => ({}))
  await using _ = await serve(folder.path, { Call: ran })
  using connection = dial(folder.path, guest, host, 1024 * 1024)
  await expect(connection.call(method, { input_json: Buffer.alloc(128 * 1024) })).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:limit|plugin)\./) as string,
  })
  expect(ran).not.toHaveBeenCalled()
})

test('at most so many calls run at once; the others wait or are refused', async () => {
  using folder = openFolder()
  let running = 0
  let most = 0
  await using _ = await serve(folder.path, {
    Call: async () => {
      running++
      most = Math.max(most, running)
      await pause(20)
      running--
      return {}
    },
  })
  using connection = dial(folder.path, guest)
  await Promise.allSettled(Array.from({ length: 100 }, () => connection.call(method, {})))
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(8)
})

test('a failure inside the host tells its code’s message, and nothing of what went wrong inside', async () => {
  using folder = openFolder()
  const errors = [new Error('secret path'), new BulkheadError('capability.denied', 'it was not granted')]
  await using _ = await serve(folder.path, { Call: () => Promise.reject(errors.shift() ?? new Error('no more')) })
  using connection = dial(folder.path, guest)
  await expect(connection.call(method, {})).rejects.toMatchObject({
    message: expect.not.stringContaining('secret') as string,
  })
  await expect(connection.call(method, {})).rejects.toMatchObject({
    message: expect.stringContaining('not granted') as string,
  })
})

test('a call that the plugin cancels is cancelled in the host', async () => {
  using folder = openFolder()
  const cancelled = Promise.withResolvers<unknown>()
  const started = Promise.withResolvers<void>()
  await using _ = await serve(folder.path, {
    Call: (_request, signal) => {
      started.resolve()
      signal.addEventListener('abort', () => cancelled.resolve(signal.reason))
      return new Promise(() => {})
    },
  })
  using connection = dial(folder.path, guest)
  const caller = new AbortController()
  const call = connection.call(method, {}, { signal: caller.signal })
  await started.promise
  caller.abort()
  await expect(call).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(await cancelled.promise).toMatchObject({ code: 'call.cancelled' })
})

test('its end cuts the connections, fails the calls and removes the socket', async () => {
  using folder = openFolder()
  const started = Promise.withResolvers<void>()
  const service = await serve(folder.path, {
    Call: () => {
      started.resolve()
      return new Promise(() => {})
    },
  })
  using connection = dial(folder.path, guest)
  const call = connection.call(method, {})
  await started.promise
  await service[Symbol.asyncDispose]()
  await expect(call).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect(existsSync(join(folder.path, 'service'))).toBe(false)
})
