// Somebody answers at the pinned address who is not the host of the URL; and settings of the environment would send the
// request elsewhere.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { afterEach, expect, test, vi } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const pem = readFileSync(new URL('../fixtures/api-example-com.pem', import.meta.url), 'utf8')

afterEach(() => {
  vi.unstubAllEnvs()
})

const setUp = async (ca?: string) => {
  const names: unknown[] = []
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    names.push((request.socket as TLSSocket).servername, request.headers.host)
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dialer = openDialer({ lookup: () => Promise.resolve(['127.0.0.1']), ...(ca === undefined ? {} : { ca }) })
  const grants = [`network:https://*.example.com:${port}`, 'network.private:127.0.0.1']
  const door = openDoor({ functions: makeHttpFunctions({ dialer, version: '0' }), grants })
  const stop = async (): Promise<void> => {
    await dialer[Symbol.asyncDispose]()
    server.close()
    await once(server, 'close')
  }
  return { door, port, names, [Symbol.asyncDispose]: stop }
}

const certificate = pem.slice(pem.indexOf('-----BEGIN CERTIFICATE'))

test('the certificate is checked for the URL’s host, though an address was dialled', async () => {
  await using at = await setUp(certificate)
  expect(await at.door.call('http.request', { url: `https://api.example.com:${at.port}/` })).toMatchObject({
    status: 200,
  })
  expect(at.names).toEqual(['api.example.com', `api.example.com:${at.port}`])
  const error = await at.door.refused('http.request', { url: `https://other.example.com:${at.port}/` })
  expect(error).toMatchObject({ code: 'http.failed', details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  expect(at.names).toHaveLength(2)
})

test('a certificate that nobody vouches for is refused, also when the environment waves it through', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  await using at = await setUp()
  const error = await at.door.refused('http.request', { url: `https://api.example.com:${at.port}/` })
  expect(error).toMatchObject({ code: 'http.failed', details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
})

test('proxy settings of the environment are not obeyed', async () => {
  await using proxy = await openLoopbackServer((_request, response) => response.end('proxied'))
  await using server = await openLoopbackServer((_request, response) => response.end('direct'))
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.origin)
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  await using dialer = openDialer()
  const door = openDoor({
    functions: makeHttpFunctions({ dialer, version: '0' }),
    grants: [`network:${server.origin}`],
  })
  const { body } = await door.call<{ body: Uint8Array }>('http.request', { url: server.origin })
  expect(Buffer.from(body).toString()).toBe('direct')
  expect(proxy.sockets).toHaveLength(0)
})
