// A program uses its proxy for plain HTTP to smuggle requests, to widen what it was granted by redirects, and to have
// its proxy secret or the framing of one connection carried over to another.

import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

test('two lengths, two requests in one, obsolete folding, bare line feeds: nothing second gets through', async () => {
  await using server = await openLoopbackServer((request, response) => {
    request.resume().on('end', () => response.end(request.url))
  })
  await using bench = await openEgressBench({ grants: [`network:${server.origin}/a`] })
  const head = (more: string): string =>
    `POST ${server.origin}/a HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {auth}\r\n${more}\r\n`
  const hidden = `GET ${server.origin}/b HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {auth}\r\n\r\n`
  const attempts = [
    head(`Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`Content-Length: 4\r\nContent-Length: 5\r\n`) + `0\r\n\r\n${hidden}`,
    head(`Transfer-Encoding: chunked, identity\r\n`) + `0\r\n\r\n${hidden}`,
    head(`Transfer-Encoding:\x0bchunked\r\n`) + `0\r\n\r\n${hidden}`,
    head(`Content-Length : 0\r\n`) + hidden,
    head(`Content-Length: 0\r\n X: folded\r\n`) + hidden,
    head(`X: a\nY: b\r\n`) + hidden,
    head(`Transfer-Encoding: chunked\r\n`) + `0\r\n\r\n${hidden}`,
    head('') + hidden,
  ]
  for (const attempt of attempts) await bench.say(attempt)
  for (const { url } of server.requests) expect(url).toBe('/a')
  expect(bench.records.filter(({ result }) => result === 'denied').length).toBeGreaterThan(0)
  expect(bench.door.decisions.filter((decision) => decision.includes('/b'))).toEqual([])
})

test('what belongs to the connection stays: secret, hop-by-hop fields, and a host that is another', async () => {
  await using server = await openLoopbackServer((_request, response) => {
    response.writeHead(200, { 'keep-alive': 'timeout=99', 'set-cookie': ['a=1', 'b=2'], 'x-other': 'kept' }).end('done')
  })
  await using bench = await openEgressBench({ grants: [`network:${server.origin}`] })
  const answer = await bench.say(
    `GET ${server.origin}/ HTTP/1.1\r\nHost: evil.example.com\r\nProxy-Authorization: {auth}\r\nProxy-X: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nConnection: x-hop, upgrade\r\nX-Hop: 1\r\nX-Kept: 1\r\n\r\n`,
  )
  const [request] = server.requests
  expect(Object.keys(request?.headers ?? {}).filter((name) => /^(?:proxy-|te$|upgrade|x-hop)/.test(name))).toEqual([])
  expect(request?.headers).toMatchObject({ host: `127.0.0.1:${server.port}`, 'x-kept': '1' })
  expect(JSON.stringify(request?.rawHeaders)).not.toContain(bench.proxy.secret)
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\n/)
  expect(answer).toContain('set-cookie: a=1\r\nset-cookie: b=2\r\n')
  expect(answer.toLowerCase()).toContain('connection: close')
  expect(answer).not.toContain('timeout=99')
})

test('a redirect goes back to the program, and following it is a request of its own', async () => {
  await using inside = await openLoopbackServer((_request, response) => response.end('inside'))
  await using server = await openLoopbackServer((_request, response) => {
    response.writeHead(302, { location: `${inside.origin}/` }).end()
  })
  await using bench = await openEgressBench({ grants: [`network:${server.origin}`] })
  const ask = (url: string): Promise<string> =>
    bench.say(`GET ${url} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {auth}\r\n\r\n`)
  expect(await ask(`${server.origin}/`)).toMatch(/^HTTP\/1\.1 302 /)
  expect(await ask(`${inside.origin}/`)).toMatch(/^HTTP\/1\.1 403 Refused capability\.denied\r\n/)
  expect(inside.sockets).toHaveLength(0)
})

test('forms that are none: a path, another scheme, user information, a method that echoes', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using bench = await openEgressBench({ grants: ['network:*:*', `network:${server.origin}`] })
  const lines = [
    ...['GET / HTTP/1.1', 'OPTIONS * HTTP/1.1', 'GET ftp://127.0.0.1/ HTTP/1.1', 'GET file:///etc/passwd HTTP/1.1'],
    ...[
      `GET http://u:p@127.0.0.1:${server.port}/ HTTP/1.1`,
      `TRACE ${server.origin}/ HTTP/1.1`,
      `GET ${server.origin}/`,
    ],
  ]
  for (const line of lines) {
    const answer = await bench.say(`${line}\r\nHost: x\r\nProxy-Authorization: {auth}\r\n\r\n`)
    expect({ line, answer }).toMatchObject({ answer: expect.stringMatching(/^HTTP\/1\.1 40[03] /) })
  }
  expect(server.sockets).toHaveLength(0)
})

test('heads and bodies that are too large', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using bench = await openEgressBench({ grants: [`network:${server.origin}`] })
  const head = `POST ${server.origin}/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {auth}\r\n`
  expect(await bench.say(`${head}X: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  expect(await bench.say(`${head}${'X: y\r\n'.repeat(4000)}\r\n`)).toMatch(/^HTTP\/1\.1 4|^!cut off|^$/)
  const bulk = 'x'.repeat(9 * 1024 * 1024)
  expect(await bench.say(`${head}Content-Length: ${bulk.length}\r\n\r\n${bulk}`)).toMatch(
    /^HTTP\/1\.1 413 |^!cut off|^$/,
  )
  expect(server.sockets).toHaveLength(0)
})

test('an answer that cannot be told is a fault of the other side, and the proxy lives on', async () => {
  const rude = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => rude.once('listening', resolve))
  const { port } = rude.address() as { port: number }
  await using bench = await openEgressBench({ grants: [`network:http://127.0.0.1:${port}`] })
  const text = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {auth}\r\n\r\n`
  expect(await bench.say(text)).toMatch(/^HTTP\/1\.1 502 /)
  expect(await bench.say(text)).toMatch(/^HTTP\/1\.1 502 /)
  rude.close()
})

test('plain requests are held whole, so few run at once, and who does not take the answer keeps its turn', async () => {
  const waiting: (() => void)[] = []
  await using server = await openLoopbackServer((_request, response) => {
    waiting.push(() => response.end('x'.repeat(4 * 1024 * 1024)))
  })
  await using bench = await openEgressBench({
    grants: [`network:${server.origin}`],
    bounds: { requests: 2, idleMs: 1000 },
  })
  const text = `GET ${server.origin}/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: ${bench.authorization}\r\n\r\n`
  const sockets = await Promise.all(Array.from({ length: 5 }, () => bench.dial()))
  for (const socket of sockets) socket.pause().write(text)
  await expect.poll(() => waiting.length).toBe(2)
  for (const answer of waiting) answer()
  // The answers are there and nobody reads them: the others wait until they are given up, and never begin.
  await expect
    .poll(() => bench.lines.filter((line) => line.includes('the client left')).length, { timeout: 9000 })
    .toBe(3)
  expect(server.requests).toHaveLength(2)
  for (const socket of sockets) socket.destroy()
  const next = await bench.dial()
  next.resume().write(text)
  await expect.poll(() => server.requests.length).toBe(3)
  next.destroy()
})
