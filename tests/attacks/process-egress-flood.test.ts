// A program keeps its proxy busy: with connections, with silence, with words that mean nothing, and with more bytes than it
// may move. Every flood here is bounded.

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { writeNetworkPlugin } from '../support/network-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

test('connections at once are bounded, and those that say nothing are ended', async () => {
  await using bench = await openEgressBench({ bounds: { connections: 4, handshakeMs: 300 } })
  const sockets = await Promise.all(Array.from({ length: 10 }, () => bench.dial()))
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
  expect(bench.records.filter(({ why }) => why?.includes('4 connections at once'))).toHaveLength(6)
  expect(bench.records.filter(({ why }) => why?.includes('took too long'))).toHaveLength(4)
})

test('a head that comes by drops does not hold a connection open, by HTTP or by SOCKS', async () => {
  await using bench = await openEgressBench({ bounds: { handshakeMs: 400 } })
  for (const drops of ['CONNECT a:1 HTTP/1.1\r\n' + 'X: y\r\n'.repeat(500), '\x05\xff' + '\x01'.repeat(250)]) {
    const socket = await bench.dial()
    const closed = once(socket.resume(), 'close')
    let at = 0
    const timer = setInterval(() => socket.write(drops.slice(at, ++at), 'latin1'), 30)
    await closed
    clearInterval(timer)
  }
  expect(bench.records.filter(({ why }) => why?.includes('took too long'))).toHaveLength(2)
})

test('a connection on which nothing moves is ended', async () => {
  await using server = await openLoopbackServer(() => undefined)
  await using bench = await openEgressBench({ grants: [`network:127.0.0.1:${server.port}`], bounds: { idleMs: 300 } })
  const { status, socket } = await bench.tunnel(`127.0.0.1:${server.port}`)
  expect(status).toBe(200)
  await once(socket.resume(), 'close')
  await expect.poll(() => server.sockets[0]?.destroyed).toBe(true)
})

test('a proxy that had to refuse too often closes for good, and says so once', async () => {
  await using bench = await openEgressBench({ bounds: { refusals: 20 } })
  let answered = 0
  for (let i = 0; i < 40; i++) {
    const answer = await bench.say('CONNECT example.com:443 HTTP/1.1\r\n\r\n').catch(() => 'unreachable')
    if (answer.startsWith('HTTP/1.1 407')) answered++
  }
  expect(answered).toBeLessThanOrEqual(20)
  expect(answered).toBeGreaterThan(15)
  expect(bench.records.filter(({ type }) => type === 'connection_refused').length).toBeLessThanOrEqual(20)
  expect(bench.lines.filter((line) => line.includes('its proxy is closed'))).toHaveLength(1)
})

test('to come and go without a word counts as well', async () => {
  await using bench = await openEgressBench({ bounds: { refusals: 20 } })
  const closed = (): boolean => bench.lines.some((line) => line.includes('its proxy is closed'))
  for (let i = 0; i < 100 && !closed(); i++) {
    await bench.dial().then(
      (socket) => once(socket.destroy(), 'close'),
      () => undefined,
    )
  }
  await expect.poll(closed).toBe(true)
})

test('what passes counts against the limit of the call, over all its connections', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end('x'.repeat(30_000)))
  await using bench = await openEgressBench({
    grants: [`network:127.0.0.1:${server.port}`],
    limits: { networkBytes: 70_000 },
  })
  const lengths: number[] = []
  for (let i = 0; i < 4; i++) {
    const { socket } = await bench.tunnel(`127.0.0.1:${server.port}`)
    let length = 0
    socket.on('data', (chunk: Buffer) => (length += chunk.length)).resume()
    socket.write('GET / HTTP/1.0\r\n\r\n')
    await once(socket, 'close')
    lengths.push(length)
  }
  expect(lengths.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(70_000)
  expect(lengths[0]).toBeGreaterThan(30_000)
  expect(bench.records.findLast(({ type }) => type === 'connection_ended')?.why).toMatch(/^limit\.network: /)
})

test('host calls are counted: connections past the limit are refused', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using bench = await openEgressBench({ grants: [`network:127.0.0.1:${server.port}`], limits: { hostCalls: 3 } })
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) {
    const { status, socket } = await bench.tunnel(`127.0.0.1:${server.port}`)
    statuses.push(status)
    socket.destroy()
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429])
})

test('from inside: a flood of connections, held and refused, and the host answers the next call', async () => {
  await using workspace = await openWorkspace()
  const at = writeNetworkPlugin(workspace.path, 'flooder', { asks: ['https://example.com'] })
  await using host = await openWorkspaceHost(workspace, { plugins: [at] })
  expect(await host.call('flooder', 'hold', { count: 100 })).toBe(64)
  const seen = (await host.call('flooder', 'flood', { count: 1500, text: 'nonsense\r\n\r\n' })) as Record<
    string,
    number
  >
  expect(seen['HTTP/1.1 400 Bad Request']).toBeLessThanOrEqual(1000)
  expect(seen['HTTP/1.1 400 Bad Request']).toBeGreaterThan(900)
  expect(seen['ConnectionRefusedError']).toBeGreaterThan(400)
  expect(await host.call('flooder', 'tunnel', { to: 'example.net:443' })).toMatchObject({
    head: expect.stringContaining(' 403 '),
  })
})

test('bodies that come byte by byte cost the host no more than a multiple of what it holds of others', async () => {
  await using bench = await openEgressBench()
  const pieces = Buffer.from('1\r\nx\r\n'.repeat(300_000))
  const before = process.memoryUsage().heapUsed
  let most = 0
  const clients = await Promise.all(Array.from({ length: 8 }, () => bench.dial()))
  for (const client of clients) {
    client.write(`POST http://127.0.0.1:9/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: ${bench.authorization}\r\n`)
    client.write('Transfer-Encoding: chunked\r\n\r\n')
    client.write(pieces)
  }
  // A host that takes all of them as they come has them by then.
  for (let looks = 0; looks < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    most = Math.max(most, process.memoryUsage().heapUsed - before)
  }
  for (const client of clients) client.destroy()
  expect(most).toBeLessThan(150 * 1024 * 1024)
})
