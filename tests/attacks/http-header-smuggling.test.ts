// A plugin forges headers that route or frame a request, or breaks out of a header's line.

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

test.each([
  ['Host', 'internal'],
  ['host', 'internal'],
  ['Connection', 'close'],
  ['Transfer-Encoding', 'chunked'],
  ['Content-Length', '5'],
  ['Upgrade', 'websocket'],
  ['TE', 'trailers'],
  ['Trailer', 'x'],
  ['Keep-Alive', '1'],
  ['Proxy-Authorization', 'x'],
  ['Proxy-Anything', 'x'],
  ['Expect', '100-continue'],
  ['X-A', 'a\r\nHost: internal'],
  ['X-A', 'a\nb'],
  ['X-A', 'a\0b'],
  ['X-A\r\nHost', 'internal'],
  ['X A', 'b'],
  ['X-A:', 'b'],
  ['', 'b'],
  ['X-Ü', 'b'],
])('%j: %j is refused before anything is sent', async (name, value) => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const door = openDoor({ functions, grants: [`network:${server.origin}`] })
  const error = await door.refused('http.request', { url: server.origin, headers: { [name]: value } })
  expect(error.code).toBe('input.invalid')
  expect(server.sockets).toHaveLength(0)
})

test('method and URL cannot carry a second request either', async () => {
  await using dialer = openDialer()
  const door = openDoor({
    functions: makeHttpFunctions({ dialer, version: '0' }),
    grants: ['network:http://127.0.0.1:9'],
  })
  for (const input of [
    { url: 'http://127.0.0.1:9/', method: 'GET / HTTP/1.1\r\nX: y' },
    { url: 'http://127.0.0.1:9/', method: 'CONNECT' },
    { url: 'http://127.0.0.1:9/', method: 'trace' },
    { url: 'http://user:password@127.0.0.1:9/' },
    { url: 'ftp://127.0.0.1/' },
    { url: '/relative' },
  ]) {
    expect((await door.refused('http.request', input)).code).toBe('input.invalid')
  }
})

test('what arrives on the wire is one request whose Host is that of the URL', async () => {
  let received = ''
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      received += data.toString('latin1')
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await using dialer = openDialer()
  const door = openDoor({ functions: makeHttpFunctions({ dialer, version: '9.9.9' }), grants: [`network:${origin}`] })
  await door.call('http.request', { url: `${origin}/a b?q=\r\nX: y`, headers: { 'User-Agent': 'forged' } })
  server.close()
  expect(received.match(/^(GET|Host|X):? /gim)).toHaveLength(2)
  expect(received).toContain('GET /a%20b?q=X:%20y HTTP/1.1\r\n')
  expect(received).toContain(`host: ${origin.slice(7)}\r\n`)
  expect(received).toContain('user-agent: bulkhead/9.9.9\r\n')
})
