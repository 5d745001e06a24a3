// A name that was public when it was granted, or when it was checked, leads into the private network.

import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const setUp = (answers: readonly (readonly string[])[], grants: readonly string[]) => {
  let asked = 0
  const dialer = openDialer({ lookup: () => Promise.resolve(answers[asked++] ?? []), connectTimeoutMs: 500 })
  const door = openDoor({ functions: makeHttpFunctions({ dialer, version: '0' }), grants })
  return { dialer, door, lookups: () => asked }
}

test('a granted name that resolves to loopback is refused, and nothing is dialled', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  const { dialer, door } = setUp([['127.0.0.1']], [`network:http://api.example.com:${server.port}`])
  await using _ = dialer
  const error = await door.refused('http.request', { url: `http://api.example.com:${server.port}/` })
  expect(error.code).toBe('capability.denied')
  expect(error.message).toContain('network.private')
  expect(server.sockets).toHaveLength(0)
})

test('one public address among the answers does not carry a private one along', async () => {
  const { dialer, door } = setUp([['8.8.8.8', '169.254.169.254']], ['network:http://api.example.com'])
  await using _ = dialer
  expect((await door.refused('http.request', { url: 'http://api.example.com/' })).code).toBe('capability.denied')
})

test('the resolver is asked once for a request; what it would say next is never dialled', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end('inside'))
  // The answer that is checked leads nowhere. Any look-up at connection time, the system's own included, would lead to
  // the loopback server.
  const { dialer, door, lookups } = setUp(
    [['192.0.2.1'], ['127.0.0.1'], ['127.0.0.1']],
    [`network:http://localhost:${server.port}`, 'network.private:192.0.2.1'],
  )
  await using _ = dialer
  const error = await door.refused('http.request', {
    url: `http://localhost:${server.port}/`,
    timeoutMs: 1_000,
  })
  expect(error.code).toBe('http.failed')
  expect(lookups()).toBe(1)
  expect(server.sockets).toHaveLength(0)
})

test('a second request resolves and checks again, and an open connection to the old address is not taken for it', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end('inside'))
  const { dialer, door } = setUp(
    [['127.0.0.1'], ['127.0.0.2']],
    [`network:http://api.example.com:${server.port}`, 'network.private:127.0.0.1'],
  )
  await using _ = dialer
  const url = `http://api.example.com:${server.port}/`
  expect(await door.call('http.request', { url })).toMatchObject({ status: 200 })
  expect(server.requests[0]?.headers.host).toBe(`api.example.com:${server.port}`)
  expect((await door.refused('http.request', { url })).code).toBe('capability.denied')
  expect(server.requests).toHaveLength(1)
})

test('an open connection to where a name led before does not serve it after it moved', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end('old'))
  const { dialer, door } = setUp(
    [['127.0.0.1'], ['127.0.0.2']],
    [`network:http://api.example.com:${server.port}`, 'network.private:127.0.0.0/8'],
  )
  await using _ = dialer
  const url = `http://api.example.com:${server.port}/`
  expect(await door.call('http.request', { url })).toMatchObject({ status: 200 })
  // Nothing listens there.
  expect((await door.refused('http.request', { url })).details).toMatchObject({ reason: 'ECONNREFUSED' })
})

test('a redirect to a name that leads inside is caught at its own hop', async () => {
  await using server = await openLoopbackServer((_request, response) => {
    response.writeHead(302, { location: `http://b.example.com:${server.port}/` }).end()
  })
  const { dialer, door } = setUp(
    [['127.0.0.1'], ['127.0.0.2']],
    [`network:http://*.example.com:${server.port}`, 'network.private:127.0.0.1'],
  )
  await using _ = dialer
  const error = await door.refused('http.request', { url: `http://a.example.com:${server.port}/` })
  expect(error.code).toBe('capability.denied')
  expect(door.decisions.at(-1)).toBe('denied network.private:127.0.0.2')
})

test('odd spellings of loopback do not pass a wildcard grant', async () => {
  const { dialer, door } = setUp([], ['network:*', 'network:http://*'])
  await using _ = dialer
  for (const host of ['127.1', '0x7f000001', '2130706433', '0177.0.0.1', '[::ffff:127.0.0.1]', 'localhost.', '[::]']) {
    expect((await door.refused('http.request', { url: `http://${host}:9/` })).code).toBe('capability.denied')
  }
})
