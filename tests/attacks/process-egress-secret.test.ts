// A program speaks to a proxy without its secret, with a wrong one, and with that of another process.

import { expect, test } from 'vitest'
import { openEgressBench } from '../support/egress.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { writeNetworkPlugin } from '../support/network-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

test('by HTTP: no secret, a wrong one, a part of it, another user, another scheme', async () => {
  await using server = await openLoopbackServer((_request, response) => response.end())
  await using other = await openEgressBench()
  await using bench = await openEgressBench({
    grants: [`network:127.0.0.1:${server.port}`, `network:${server.origin}`],
  })
  const { secret } = bench.proxy
  const fields = [
    ...['', basic('bulkhead:'), basic(`bulkhead:${secret.slice(0, -1)}`), basic(`bulkhead:${secret}x`), basic(secret)],
    ...[basic(`other:${secret}`), `Bearer ${secret}`, secret, `${bench.authorization}, x`, other.authorization],
  ]
  for (const field of fields) {
    const header = field === '' ? '' : `Proxy-Authorization: ${field}\r\n`
    for (const line of [`CONNECT 127.0.0.1:${server.port}`, `GET ${server.origin}/`]) {
      const answer = await bench.say(`${line} HTTP/1.1\r\nHost: x\r\n${header}\r\n`)
      expect({ line, field, answer }).toMatchObject({ answer: expect.stringMatching(/^HTTP\/1\.1 407 /) })
    }
  }
  expect(server.sockets).toHaveLength(0)
  expect(bench.door.decisions).toEqual([])
  expect(bench.records.filter(({ type }) => type === 'connection_refused')).toHaveLength(fields.length * 2)
  expect(JSON.stringify([bench.records, bench.lines])).not.toContain(secret)
})

test('from inside: another process does not have the secret, and no second process has the same', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('fine'))
  const asks = [`127.0.0.1:${server.port}`]
  const plugins = ['first', 'second'].map((name) => writeNetworkPlugin(workspace.path, name, { asks }))
  const grants = { first: [`network:${asks[0]}`], second: [`network:${asks[0]}`] }
  await using host = await openWorkspaceHost(workspace, { plugins, policy: { grants } })
  const secretOf = async (plugin: string): Promise<string> => {
    const { HTTP_PROXY } = (await host.call(plugin, 'env')) as Record<string, string>
    return new URL(HTTP_PROXY as string).password
  }
  const secrets = [await secretOf('first'), await secretOf('first'), await secretOf('second')]
  expect(new Set(secrets).size).toBe(3)
  expect(secrets.every((secret) => secret.length >= 43)).toBe(true)
  const to = `127.0.0.1:${server.port}`
  const auth = Buffer.from(`bulkhead:${secrets[0]}`).toString('base64')
  expect(await host.call('second', 'tunnel', { to, auth })).toMatchObject({ head: expect.stringContaining(' 407 ') })
  expect(await host.call('second', 'tunnel', { to })).toMatchObject({ head: expect.stringContaining(' 200 ') })
  const target = { host: '127.0.0.1', port: server.port }
  expect(await host.call('second', 'socks', { ...target, secret: secrets[0] })).toBe('wrong password')
  expect(await host.call('second', 'socks', { ...target, method: 0 })).toBe('method 255')
  expect(await host.call('second', 'socks', target)).toBe(0)
})
