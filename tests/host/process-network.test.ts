// The network of programs: what they ask for and were granted, they reach through a proxy of their own; nothing else.

import { createServer, type Socket } from 'node:net'
import { auditRecords, openWorkspaceHost } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { writeNetworkPlugin } from '../support/network-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'
import { expect, test } from 'vitest'

test('a program in Python reaches by urllib what was granted, and is told in words why not the rest', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += String(chunk)))
    request.on('end', () => response.setHeader('x-seen', 'yes').end(`${request.method} ${request.url} ${body}`))
  })
  const grants = [`network:GET ${server.origin}/open/*`, `network:POST ${server.origin}/open/*`]
  const at = writeNetworkPlugin(workspace.path, 'reader', { asks: [`${server.origin}`] })
  await using host = await openWorkspaceHost(workspace, { plugins: [at], policy: { grants: { reader: grants } } })
  expect(await host.call('reader', 'fetch', { url: `${server.origin}/open/a?b=c` })).toMatchObject({
    status: 200,
    body: 'GET /open/a?b=c ',
    headers: { 'x-seen': 'yes' },
  })
  expect(await host.call('reader', 'fetch', { url: `${server.origin}/open/a`, data: 'text' })).toMatchObject({
    body: 'POST /open/a text',
  })
  for (const request of [{ url: `${server.origin}/closed` }, { url: `${server.origin}/open/a`, method: 'DELETE' }]) {
    expect(await host.call('reader', 'fetch', request)).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^capability\.denied: reader was not granted network:.*\n.*--grant/),
    })
  }
  expect(server.requests).toHaveLength(2)
})
