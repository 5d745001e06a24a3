// One plugin gets hold of another's connection (and of what the server remembers about it).

import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

test('a principal keeps its connection, and nobody else is given it', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using dialer = openDialer({ connectionsPerPool: 1 })
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const grants = [`network:${server.origin}`]
  const [a, b] = ['file:/a#same', 'file:/b#same'].map((principal) => openDoor({ functions, grants, principal }))
  for (const door of [a, a, b, b, a]) await door?.call('http.request', { url: server.origin })
  const used = server.requests.map(({ socket }) => server.sockets.indexOf(socket))
  expect(used).toEqual([0, 0, 1, 1, 0])
})

test('cookies are not remembered', async () => {
  await using server = await openLoopbackServer((_request, response) => {
    response.setHeader('set-cookie', ['a=1', 'b=2']).end()
  })
  await using dialer = openDialer()
  const door = openDoor({
    functions: makeHttpFunctions({ dialer, version: '0' }),
    grants: [`network:${server.origin}`],
  })
  const first = await door.call('http.request', { url: server.origin })
  expect(first).toMatchObject({ headers: { 'set-cookie': 'a=1\nb=2' } })
  await door.call('http.request', { url: server.origin })
  expect(server.requests[1]?.headers.cookie).toBeUndefined()
})

test('pools are bounded, and closing the dialer leaves no connection', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  const dialer = openDialer({ maxPools: 2 })
  const functions = makeHttpFunctions({ dialer, version: '0' })
  for (const principal of ['a', 'b', 'c', 'd']) {
    await openDoor({ functions, grants: [`network:${server.origin}`], principal }).call('http.request', {
      url: server.origin,
    })
    expect(dialer.poolCount).toBeLessThanOrEqual(2)
  }
  await dialer[Symbol.asyncDispose]()
  await expect.poll(() => server.sockets.filter((socket) => !socket.destroyed).length).toBe(0)
})

test('more principals than there are pools ask at once, and each gets its answer', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using dialer = openDialer({ maxPools: 2 })
  const functions = makeHttpFunctions({ dialer, version: '0' })
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      openDoor({ functions, grants: [`network:${server.origin}`], principal: `p${at}` }).call('http.request', {
        url: server.origin,
      }),
    ),
  )
  expect(answers).toEqual(answers.map(() => expect.objectContaining({ status: 200 })))
})
