// A plugin follows a redirect from a host that it was granted to one that it was not.

import { makeHttpFunctions } from '@bulkhead/service-http'
import { openDialer } from '@bulkhead/net'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

test('the target of a redirect is asked of the gate and never contacted without its leave', async () => {
  await using secret = await openLoopbackServer((_request, response) => response.end('secret'))
  await using listed = await openLoopbackServer((_request, response) => {
    response.writeHead(302, { location: `${secret.origin}/admin` }).end()
  })
  await using dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const door = openDoor({ functions, grants: [`network:${listed.origin}`] })
  const error = await door.refused('http.request', { url: `${listed.origin}/start` })
  expect(error.code).toBe('capability.denied')
  expect(secret.sockets).toHaveLength(0)
  expect(door.decisions).toEqual([
    `allowed network:GET ${listed.origin}/start`,
    `denied network:GET ${secret.origin}/admin`,
  ])

  const both = openDoor({ functions, grants: [`network:${listed.origin}`, `network:${secret.origin}`] })
  expect(await both.call('http.request', { url: `${listed.origin}/start` })).toMatchObject({
    status: 200,
    redirected: true,
    url: `${secret.origin}/admin`,
  })
})

test('the method that a redirect leads to is asked, and a grant for GET does not carry a POST along', async () => {
  await using server = await openLoopbackServer((request, response) => {
    if (request.url === '/start') response.writeHead(307, { location: '/next' })
    response.end()
  })
  await using dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const grants = [`network:POST ${server.origin}/start`, `network:GET ${server.origin}/next`]
  const door = openDoor({ functions, grants })
  const request = { method: 'POST', url: `${server.origin}/start`, text: 'x' }
  expect((await door.refused('http.request', request)).code).toBe('capability.denied')
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /start'])
})

test('credentials of any name stay behind when the origin changes; 303 turns POST into GET without the body', async () => {
  await using other = await openLoopbackServer((_request, response) => response.end())
  await using first = await openLoopbackServer((_request, response) => {
    response.writeHead(303, { location: `${other.origin}/` }).end()
  })
  await using dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const door = openDoor({ functions, grants: [`network:${first.origin}`, `network:${other.origin}`] })
  await door.call('http.request', {
    method: 'POST',
    url: first.origin,
    headers: { Authorization: 'Bearer s', Cookie: 's', 'X-Api-Key': 's', Accept: 'text/plain', 'Content-Type': 'a/b' },
    text: 'body',
  })
  expect(first.requests[0]?.headers).toMatchObject({ authorization: 'Bearer s', cookie: 's', 'x-api-key': 's' })
  const [seen] = other.requests
  expect(seen?.method).toBe('GET')
  expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
  ])
})

test('redirects end: ten hops, no other scheme, no user name in the address', async () => {
  await using server = await openLoopbackServer((request, response) => {
    const location = { '/loop': '/loop', '/file': 'file:///etc/passwd', '/user': 'http://a:b@127.0.0.1/' }
    response.writeHead(302, { location: location[request.url as keyof typeof location] }).end()
  })
  await using dialer = openDialer()
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const door = openDoor({ functions, grants: [`network:${server.origin}`] })
  expect((await door.refused('http.request', { url: `${server.origin}/loop` })).message).toMatch(/more than 10 times/)
  expect(server.requests).toHaveLength(11)
  expect((await door.refused('http.request', { url: `${server.origin}/file` })).code).toBe('http.failed')
  expect((await door.refused('http.request', { url: `${server.origin}/user` })).code).toBe('http.failed')
  const manual = await door.call('http.request', { url: `${server.origin}/file`, redirect: 'manual' })
  expect(manual).toMatchObject({ status: 302, headers: { location: 'file:///etc/passwd' } })
  expect((await door.refused('http.request', { url: `${server.origin}/loop`, redirect: 'error' })).code).toBe(
    'http.failed',
  )
})
