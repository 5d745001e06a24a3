// A server answers with more than the limit: plainly, packed, without an end, or in headers.

import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib'
import { BulkheadError, defaultLimits } from '@bulkhead/kernel'
import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const big = Buffer.alloc(4 * 1024 * 1024)
const bodies: Record<string, readonly [encoding: string | undefined, body: Buffer]> = {
  '/gzip': ['gzip', gzipSync(big)],
  '/br': ['br', brotliCompressSync(big)],
  '/plain': [undefined, big],
  '/small': ['gzip', gzipSync('hello')],
  '/double': ['gzip, gzip', gzipSync(gzipSync('hello'))],
  '/empty': ['gzip', Buffer.alloc(0)],
  '/broken': ['gzip', Buffer.from('not gzip at all')],
}

const setUp = async () => {
  const server = await openLoopbackServer((request, response) => {
    if (request.url === '/endless') {
      const more = (): void => {
        while (response.write(big.subarray(0, 65_536)));
        response.once('drain', more)
      }
      return more()
    }
    if (request.url === '/endless-gzip') {
      const packer = createGzip()
      response.setHeader('content-encoding', 'gzip')
      packer.pipe(response)
      const more = (): void => {
        while (packer.write(big.subarray(0, 65_536)));
        packer.once('drain', more)
      }
      response.once('close', () => packer.destroy())
      return more()
    }
    if (request.url === '/not-modified') return void response.writeHead(304, { 'content-encoding': 'gzip' }).end()
    if (request.url === '/headers') return void response.setHeader('x', 'y'.repeat(100_000)).end()
    if (request.url === '/silent') return
    const [encoding, body] = bodies[request.url ?? ''] ?? [undefined, Buffer.alloc(0)]
    if (encoding !== undefined) response.setHeader('content-encoding', encoding)
    response.end(body)
  })
  const dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const door = openDoor({ functions, grants: [`network:${server.origin}`], limits: { httpResponseBytes: 1024 * 1024 } })
  const stop = async (): Promise<void> => {
    await dialer[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
  return { server, door, [Symbol.asyncDispose]: stop }
}

test.each(['/gzip', '/br', '/plain', '/endless', '/endless-gzip'])('%s ends with limit.http-response', async (path) => {
  await using at = await setUp()
  const error = await at.door.refused('http.request', { url: at.server.origin + path })
  expect(error.code).toBe('limit.http-response')
})

test('no body is no packing to undo', async () => {
  await using at = await setUp()
  expect(await at.door.call('http.request', { url: `${at.server.origin}/not-modified` })).toMatchObject({ status: 304 })
  const empty = await at.door.call('http.request', { url: `${at.server.origin}/empty` })
  expect(empty).toMatchObject({ status: 200, body: new Uint8Array(0) })
  const head = await at.door.call('http.request', { url: `${at.server.origin}/small`, method: 'HEAD' })
  expect(head).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } })
})

test.each(['/endless', '/endless-gzip'])(
  '%s: an answer not read to its end takes its connection along',
  async (path) => {
    await using at = await setUp()
    await at.door.refused('http.request', { url: at.server.origin + path })
    await expect.poll(() => at.server.sockets.every((socket) => socket.destroyed)).toBe(true)
  },
)

test('the plugin may lower the cap and never raise it', async () => {
  await using at = await setUp()
  const lower = { url: `${at.server.origin}/small`, maxResponseBytes: 4 }
  expect((await at.door.refused('http.request', lower)).code).toBe('limit.http-response')
  const higher = { url: `${at.server.origin}/plain`, maxResponseBytes: defaultLimits.httpResponseBytes }
  expect((await at.door.refused('http.request', higher)).code).toBe('limit.http-response')
})

test('what is packed arrives unpacked, once; stacked codings are handed on', async () => {
  await using at = await setUp()
  const small = await at.door.call<{ body: Uint8Array; headers: object }>('http.request', {
    url: `${at.server.origin}/small`,
  })
  expect(Buffer.from(small.body).toString()).toBe('hello')
  expect(small.headers).not.toHaveProperty('content-encoding')
  expect(small.headers).not.toHaveProperty('content-length')
  const double = await at.door.call('http.request', { url: `${at.server.origin}/double` })
  expect(double).toMatchObject({ headers: { 'content-encoding': 'gzip, gzip' } })
})

test('broken packing and huge headers are failures with a reason, not crashes', async () => {
  await using at = await setUp()
  expect((await at.door.refused('http.request', { url: `${at.server.origin}/broken` })).code).toBe('http.failed')
  expect((await at.door.refused('http.request', { url: `${at.server.origin}/headers` })).details).toMatchObject({
    reason: 'UND_ERR_HEADERS_OVERFLOW',
  })
})

test('a silent server ends with the plugin’s own time, or with the call', async () => {
  await using at = await setUp()
  const timed = await at.door.refused('http.request', { url: `${at.server.origin}/silent`, timeoutMs: 50 })
  expect(timed.details).toMatchObject({ reason: 'TIMEOUT' })
  const waiting = at.door.refused('http.request', { url: `${at.server.origin}/silent` })
  await expect.poll(() => at.server.requests.length).toBe(2)
  at.door.abort(new BulkheadError('limit.time', 'over'))
  expect((await waiting).code).toBe('limit.time')
  await expect.poll(() => at.server.sockets.every((socket) => socket.destroyed)).toBe(true)
})

test('a refused connection says why and not where', async () => {
  const closed = await openLoopbackServer(() => {})
  await closed[Symbol.asyncDispose]()
  await using dialer = openDialer({ lookup: () => Promise.resolve(['127.0.0.1']) })
  const door = openDoor({
    functions: makeHttpFunctions({ dialer, version: '0' }),
    grants: [`network:http://api.example.com:${closed.port}`, 'network.private:127.0.0.1'],
  })
  const error = await door.refused('http.request', { url: `http://api.example.com:${closed.port}/` })
  expect(error).toMatchObject({ code: 'http.failed', details: { reason: 'ECONNREFUSED' } })
  expect(JSON.stringify(error)).not.toContain('127.0.0.1')
})
