// Bytes through a tunnel, and what does not pass.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type CallContext, defaultLimits, type Limits } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { makeMemoryLedger } from '../traffic.ts'
import { mostPiecesPerSecond, Pace } from './pace.ts'
import { runTunnel, type TunnelEnd } from './tunnel.ts'

const pair = async (): Promise<[near: Socket, far: Socket]> => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  near.on('error', () => undefined)
  return [near, far.on('error', () => undefined)]
}

/** Reads one direction to its end, and leaves the other open. */
const readAll = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += String(chunk)))
  await once(socket, 'end')
  return text
}

interface Opened {
  readonly program: Socket
  readonly server: Socket
  readonly over: AbortController
  readonly end: Promise<TunnelEnd>
}

const open = async (port: number, limits: Partial<Limits> = {}, pace = new Pace()): Promise<Opened> => {
  const [program, client] = await pair()
  const [upstream, server] = await pair()
  const call = { limits: { ...defaultLimits, ...limits }, principal: { id: 'p', name: 'p', digest: '' } }
  const over = new AbortController()
  const end = runTunnel(
    { client, upstream, head: Buffer.from('head ') },
    {
      target: { host: 'granted.example.com', port },
      call: call as unknown as CallContext,
      ledger: makeMemoryLedger(),
      signal: over.signal,
      pace,
    },
  )
  return { program, server, over, end }
}

test('each side may end its own direction, and what was sent before comes first', async () => {
  const { program, server, end } = await open(5432)
  program.end('question')
  expect(await readAll(server)).toBe('head question')
  server.end('answer')
  expect(await readAll(program)).toBe('answer')
  expect(await end).toEqual({ sentBytes: 13, receivedBytes: 6 })
})

test('what does not begin with TLS passes on other ports than 443', async () => {
  const { program, server, end } = await open(443)
  server.resume()
  program.resume().end('EHLO x')
  expect(await end).toMatchObject({
    sentBytes: 0,
    error: { message: 'the connection to granted.example.com:443 does not begin with TLS' },
  })
})

test('the limit of a call ends it, both ways', async () => {
  const up = await open(5432, { networkBytes: 1000 })
  up.server.resume()
  up.program.resume().write(Buffer.alloc(100_000))
  expect(await up.end).toMatchObject({ error: { code: 'limit.network' } })
  const down = await open(5432, { networkBytes: 1000 })
  down.program.resume()
  down.server.resume().write(Buffer.alloc(100_000))
  expect(await down.end).toMatchObject({ error: { code: 'limit.network' }, receivedBytes: 0 })
})

test('a reader that does not read holds the writer back', async () => {
  const { program, server, over, end } = await open(5432)
  server.pause()
  let written = 0
  const chunk = Buffer.alloc(64 * 1024)
  while (written < 64 * 1024 * 1024) {
    written += chunk.length
    if (program.write(chunk)) continue
    const drained = await Promise.race([
      once(program, 'drain').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 300, false)),
    ])
    if (!drained) break
  }
  expect(written).toBeLessThan(32 * 1024 * 1024)
  over.abort(new Error('the call is over'))
  program.destroy()
  server.destroy()
  expect((await end).error?.code).toBe('call.cancelled')
})

test('who sends in small pieces waits for the next second', async () => {
  let nowMs = 0
  const waits: number[] = []
  const pace = new Pace({
    now: () => nowMs,
    wait: async (ms) => {
      waits.push(ms)
      nowMs += ms
    },
  })
  for (let i = 0; i < mostPiecesPerSecond; i++) await pace.take()
  expect(waits).toEqual([])
  nowMs = 400
  await pace.take()
  expect(waits).toEqual([600])
  // A tunnel takes a turn for each piece, both ways: the last of this second, and one that has to wait.
  for (let i = 0; i < mostPiecesPerSecond - 2; i++) await pace.take()
  const { program, server, end } = await open(5432, {}, pace)
  server.resume().end()
  program.resume().end('more')
  await end
  expect(waits).toEqual([600, 1000])
})
