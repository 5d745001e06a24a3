// A program that was granted one host speaks with another at the same address, by the name in its TLS, or does not speak TLS
// where nothing else is expected.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'

/** Notes what reaches it. */
const openSink = async (): Promise<Server & { readonly heard: Buffer[]; readonly port: number } & AsyncDisposable> => {
  const heard: Buffer[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(server, {
    heard,
    port,
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  })
}

/** What Node says first for that name. */
const helloFor = async (servername: string): Promise<Buffer> => {
  await using sink = await openSink()
  const client = connectTls({ port: sink.port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  client.on('error', () => undefined)
  await expect.poll(() => sink.heard.length).toBeGreaterThan(0)
  client.destroy()
  return Buffer.concat(sink.heard)
}

const lookup = (): Promise<readonly string[]> => Promise.resolve(['127.0.0.1'])
const grantsFor = (host: string, port: number): string[] => [`network:${host}:${port}`, 'network.private:127.0.0.1']

test('another name than the granted one, and no name, never reach the server; the granted one does', async () => {
  await using sink = await openSink()
  await using bench = await openEgressBench({ lookup, grants: grantsFor('granted.example.com', sink.port) })
  for (const name of ['other.example.com', '']) {
    const { socket } = await bench.tunnel(`granted.example.com:${sink.port}`)
    const closed = once(socket.resume(), 'close')
    socket.write(await helloFor(name))
    await closed
  }
  expect(sink.heard).toEqual([])
  await expect.poll(() => bench.records.filter(({ type }) => type === 'connection_ended').length).toBe(2)
  expect(bench.records.findLast(({ type }) => type === 'connection_ended')).toMatchObject({
    why: expect.stringContaining('names no server in its TLS'),
    details: { sentBytes: 0 },
  })
  const { socket } = await bench.tunnel(`Granted.example.com.:${sink.port}`)
  const hello = await helloFor('granted.example.com')
  // In pieces, as a network may bring it.
  for (let at = 0; at < hello.length; at += 200) socket.write(hello.subarray(at, at + 200))
  await expect.poll(() => Buffer.concat(sink.heard).equals(hello)).toBe(true)
  socket.destroy()
})

test('a hello without end, in ever smaller pieces, and one that is cut off', async () => {
  await using sink = await openSink()
  await using bench = await openEgressBench({ lookup, grants: grantsFor('granted.example.com', sink.port) })
  const hello = await helloFor('granted.example.com')
  const { socket: slow } = await bench.tunnel(`granted.example.com:${sink.port}`)
  slow.setNoDelay(true).resume()
  const closed = once(slow, 'close')
  for (let at = 0; at < hello.length && !slow.destroyed; at++) {
    slow.write(hello.subarray(at, at + 1))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  const { socket: cut } = await bench.tunnel(`granted.example.com:${sink.port}`)
  cut.resume().end(hello.subarray(0, 100))
  await once(cut, 'close')
  expect(sink.heard).toEqual([])
})
