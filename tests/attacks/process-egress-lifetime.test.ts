// A program uses the network when no call is under way, or goes on with what an earlier call opened.

import { once } from 'node:events'
import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'
import { auditRecords, makeLatch, openWorkspaceHost } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { writeNetworkPlugin } from '../support/network-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const kept = '  isolation: per-plugin\n'

test('a connection ends with its call, for the program and for the server', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('late'))
  const to = `127.0.0.1:${server.port}`
  const at = writeNetworkPlugin(workspace.path, 'keeper', { asks: [to], execution: kept })
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { keeper: [`network:${to}`] } },
  })
  expect(await host.call('keeper', 'tunnel', { to, keep: true })).toMatchObject({
    head: expect.stringContaining(' 200 '),
  })
  await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed)).toBe(true)
  expect(await host.call('keeper', 'again')).toMatch(/^$|^!(?:BrokenPipe|ConnectionReset)Error$/)
  expect(server.sockets).toHaveLength(1)
  expect(server.requests).toHaveLength(0)
  const [ended] = await auditRecords(workspace.home, { type: 'connection_ended' })
  expect(ended).toMatchObject({
    function: 'net.connect',
    plugin: 'keeper',
    details: { sentBytes: 0, receivedBytes: 0 },
  })
})

test('between calls nothing is opened, and that is written down', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('late'))
  const to = `127.0.0.1:${server.port}`
  const at = writeNetworkPlugin(workspace.path, 'sleeper', { asks: [to], execution: kept })
  const lines: string[] = []
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { sleeper: [`network:${to}`] } },
    log: { write: ({ message }) => void lines.push(message) },
  })
  const text = `CONNECT ${to} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic {auth}\r\n\r\n`
  await host.call('sleeper', 'later', { text, until: '\r\n\r\n' })
  await expect.poll(() => lines.some((line) => line.includes('no call is under way')), { timeout: 5000 }).toBe(true)
  expect(await host.call('sleeper', 'outcome')).toMatch(/^HTTP\/1\.1 503 Refused call\.cancelled/)
  expect(server.sockets).toHaveLength(0)
  const records = await auditRecords(workspace.home, { type: 'connection_refused' })
  expect(records[0]).toMatchObject({
    plugin: 'sleeper',
    principal: expect.stringContaining('#sleeper'),
    why: expect.stringContaining('no call is under way'),
  })
})

test('at its start a program acts for the call that starts it, and for no call when it is only asked for its actions', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('early'))
  const to = `127.0.0.1:${server.port}`
  const atStart = `CONNECT ${to} HTTP/1.1\nProxy-Authorization: Basic {auth}\n\nGET / HTTP/1.0\n\n`
  const at = writeNetworkPlugin(workspace.path, 'starter', { asks: [to], atStart })
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { starter: [`network:${to}`] } },
  })
  // The first process is started to list its actions.
  expect(await host.call('starter', 'outcome')).toMatch(/^HTTP\/1\.1 200 .*early$/s)
  expect(server.requests).toHaveLength(1)
  const refused = await auditRecords(workspace.home, { type: 'connection_refused' })
  expect(refused).toHaveLength(1)
  const [allowed] = await auditRecords(workspace.home, { type: 'capability_check', result: 'allowed' })
  expect(allowed).toMatchObject({ action: 'outcome', capabilities: [`network:CONNECT https://${to}/`] })
})

test('a call that is cancelled takes its connections along, those that are being opened too', async () => {
  const latch = makeLatch()
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using bench = await openEgressBench({
    grants: [`network:127.0.0.1:${server.port}`, 'network:slow.example.com:443', 'network.private:127.0.0.1'],
    lookup: async () => {
      await latch.wait()
      return ['127.0.0.1']
    },
  })
  const { socket } = await bench.tunnel(`127.0.0.1:${server.port}`)
  const closed = once(socket.resume(), 'close')
  const opening = bench.tunnel('slow.example.com:443')
  await latch.reached
  bench.endCall(new BulkheadError('call.cancelled', 'cancelled by its caller'))
  latch.open()
  await closed
  expect((await opening).status).not.toBe(200)
  expect((await bench.tunnel(`127.0.0.1:${server.port}`)).status).toBe(503)
  await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed)).toBe(true)
  expect(server.sockets).toHaveLength(1)
})

test('what is high risk at a host is asked of a person before any tunnel to it, and that stops the clock', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('seen'))
  const to = `127.0.0.1:${server.port}`
  const at = writeNetworkPlugin(workspace.path, 'asker', { asks: [to] })
  const asked: string[] = []
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { asker: [`network:${to}`] }, highRisk: { capabilities: [`network:DELETE https://${to}/x`] } },
    approve: async ({ function: name, capabilities }) => {
      asked.push(`${name} ${capabilities.join()}`)
      if (asked.length > 1) return 'deny'
      await new Promise((resolve) => setTimeout(resolve, 4500))
      return 'once'
    },
  })
  const send = Buffer.from('GET / HTTP/1.0\r\n\r\n').toString('base64')
  // The wall is lower than the time that the person takes.
  const options = { limits: { wallMs: 4000 } }
  const through = { head: expect.stringContaining(' 200 '), through: expect.stringMatching(/seen$/) }
  expect(await host.call('asker', 'tunnel', { to, send }, options)).toMatchObject(through)
  expect(await host.call('asker', 'tunnel', { to, send }, options)).toMatchObject({
    head: expect.stringMatching(/ 403 .*a person refused it/s),
  })
  expect(asked).toEqual(Array(2).fill(`net.connect network:CONNECT https://${to}/`))
  expect(server.requests).toHaveLength(1)
})
