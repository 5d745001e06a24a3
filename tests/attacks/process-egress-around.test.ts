// A program that has a proxy goes around it: to the host's own services, to the network, to the proxy of another process, and
// for the socket and the channel that its sandbox was started with.

import { expect, test } from 'vitest'
import { auditRecords, openWorkspaceHost } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { writeNetworkPlugin } from '../support/network-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

test('its network leads nowhere but to the proxy', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('inside'))
  const at = writeNetworkPlugin(workspace.path, 'nosy', { asks: ['https://*', `127.0.0.1:${server.port}`] })
  const policy = { grants: { nosy: ['network:https://*', `network:127.0.0.1:${server.port}`] } }
  await using host = await openWorkspaceHost(workspace, { plugins: [at], policy })
  for (const [address, port] of [
    ['127.0.0.1', server.port],
    ['127.0.0.1', 22],
    ['127.0.0.2', 3128],
    ['169.254.169.254', 80],
    ['8.8.8.8', 53],
  ] as const) {
    const came = await host.call('nosy', 'around', { host: address, port })
    // Its own loopback answers for all of 127.0.0.0/8, the proxy at one address of it.
    expect({ address, port, came }).toMatchObject({ came: expect.stringMatching(/^(?:ConnectionRefused|OS)Error/) })
  }
  expect(server.sockets).toHaveLength(0)
  for (const to of ['169.254.169.254:443', '127.0.0.1:22', 'localhost:22', '[::1]:22']) {
    expect(await host.call('nosy', 'tunnel', { to })).toMatchObject({ head: expect.stringContaining(' 403 ') })
  }
  const address = Buffer.from([1, 169, 254, 169, 254]).toString('base64')
  expect(await host.call('nosy', 'socks', { address, port: 443 })).toBe(2)
  const mapped = Buffer.from([4, ...Array(10).fill(0), 255, 255, 169, 254, 169, 254]).toString('base64')
  expect(await host.call('nosy', 'socks', { address: mapped, port: 443 })).toBe(2)
  const [denied] = await auditRecords(workspace.home, { result: 'denied' })
  expect(denied).toMatchObject({ function: 'net.connect', plugin: 'nosy', action: 'tunnel' })
})

test('neither the listening socket nor the channel to the host is in its hands', async () => {
  await using workspace = await openWorkspace()
  const at = writeNetworkPlugin(workspace.path, 'holder', { asks: ['https://example.com'] })
  await using host = await openWorkspaceHost(workspace, { plugins: [at] })
  const held = (await host.call('holder', 'descriptors')) as Record<string, string>
  const sockets = Object.entries(held).filter(([, target]) => target.startsWith('socket:'))
  // Its standard streams.
  expect(sockets.map(([name]) => name).sort()).toEqual(['0', '1', '2'])
})

test('a plugin that asks for no network has no proxy, no variables, and no internet sockets', async () => {
  await using workspace = await openWorkspace()
  const at = writeNetworkPlugin(workspace.path, 'modest')
  // What was granted without being asked for makes no difference.
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { modest: ['network:*'] } },
  })
  expect(Object.keys((await host.call('modest', 'env')) as object).filter((name) => /proxy/i.test(name))).toEqual([])
  expect(await host.call('modest', 'around', { host: '127.0.0.1', port: 3128 })).toBe('OSError 97')
})
