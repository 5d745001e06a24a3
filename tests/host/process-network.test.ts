// The network of programs: what they ask for and were granted, they reach through a proxy of their own; nothing else.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
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
  const at = writeNetworkPlugin(workspace.path, 'reader', { asks: [server.origin] })
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

test('a process that is kept has its network in each of its calls', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('here'))
  const execution = '  isolation: per-plugin'
  const at = writeNetworkPlugin(workspace.path, 'kept', { asks: [server.origin], execution })
  const grants = { kept: [`network:${server.origin}`] }
  await using host = await openWorkspaceHost(workspace, { plugins: [at], policy: { grants } })
  const envs: unknown[] = []
  for (let i = 0; i < 3; i++) {
    expect(await host.call('kept', 'fetch', { url: `${server.origin}/` })).toMatchObject({ status: 200, body: 'here' })
    envs.push(((await host.call('kept', 'env')) as Record<string, string>)['ALL_PROXY'])
  }
  expect(new Set(envs).size).toBe(1)
})

test('a tunnel by CONNECT and by SOCKS, told in the audit log with what passed', async () => {
  await using workspace = await openWorkspace()
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  const to = `127.0.0.1:${port}`
  const more = `permissions:\n  storage: true`
  const execution = `  sandbox:\n    network: { allow: ['${to}'], proxy: true }`
  const at = writeNetworkPlugin(workspace.path, 'caller', { execution, more })
  await using host = await openWorkspaceHost(workspace, {
    plugins: [at],
    policy: { grants: { caller: [`network:${to}`] } },
  })
  const send = Buffer.from('question').toString('base64')
  expect(await host.call('caller', 'tunnel', { to, send, half: true })).toMatchObject({ through: 'question' })
  const address = Buffer.from([1, 127, 0, 0, 1]).toString('base64')
  expect(await host.call('caller', 'socks', { address, port, text: 'x', half: true })).toBe('x')
  const network = `network:CONNECT https://${to}/`
  expect(await auditRecords(workspace.home, { type: 'capability_check', result: 'allowed' })).toMatchObject([
    { function: 'net.connect', action: 'tunnel', capabilities: [network], risk: 'write' },
    { function: 'net.connect', action: 'socks', capabilities: [network], risk: 'write' },
  ])
  // Ends are on disk within a moment.
  await expect
    .poll(() => auditRecords(workspace.home, { type: 'connection_ended' }))
    .toMatchObject([
      { action: 'tunnel', capabilities: [network], details: { sentBytes: 8, receivedBytes: 8 } },
      { action: 'socks', capabilities: [network], details: { sentBytes: 1, receivedBytes: 1 } },
    ])
  echo.close()
})

test('a program in Node: fetch and https find the proxy by themselves', async () => {
  await using workspace = await openWorkspace()
  await using server = await openLoopbackServer((_request, response) => response.end('plain'))
  const pem = readFileSync(new URL('../fixtures/api-example-com.pem', import.meta.url), 'utf8')
  const tls = createTlsServer({ key: pem, cert: pem }, (_request, response) => response.end('sealed')).listen(
    0,
    '127.0.0.1',
  )
  await once(tls, 'listening')
  const { port } = tls.address() as AddressInfo
  await workspace.write(
    'node/plugin.yaml',
    `manifest: 1\nname: node\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, protocol: mcp, entry: main.mjs, limits: { memory: 200MiB } }\npermissions: { network: ['${server.origin}', '127.0.0.1:${port}'] }\n`,
  )
  await workspace.write('node/main.mjs', nodeServer)
  await using host = await openWorkspaceHost(workspace, {
    plugins: [`${workspace.path}/node`],
    policy: { grants: { node: [`network:GET ${server.origin}`, `network:127.0.0.1:${port}`] } },
  })
  const text = (value: string) => ({ content: [{ type: 'text', text: value }] })
  expect(await host.call('node', 'get', { url: `${server.origin}/` })).toEqual(text('200 plain'))
  expect(await host.call('node', 'get', { url: `https://127.0.0.1:${port}/` })).toEqual(text('200 sealed'))
  expect(await host.call('node', 'get', { url: 'http://127.0.0.1:81/' })).toMatchObject(
    text(expect.stringMatching(/^403 capability\.denied/) as never),
  )
  expect(await host.call('node', 'get', { url: 'https://127.0.0.1:81/' })).toMatchObject(
    text(expect.stringContaining('403') as never),
  )
  tls.close()
})

/** An MCP server with one tool, which fetches. */
const nodeServer = `
import { createInterface } from 'node:readline'
import https from 'node:https'
const sealed = (url) => new Promise((resolve, reject) => {
  https.get(url, { rejectUnauthorized: false }, (response) => {
    let body = ''
    response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(response.statusCode + ' ' + body))
  }).on('error', reject)
})
const plain = async (url) => {
  const response = await fetch(url)
  return response.status + ' ' + (await response.text())
}
const get = ({ url }) => (url.startsWith('https') ? sealed(url) : plain(url)).catch((error) => String(error.cause?.message ?? error.message))
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line)
  const results = {
    initialize: () => ({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'node', version: '1' } }),
    'tools/list': () => ({ tools: [{ name: 'get', inputSchema: { type: 'object' } }] }),
    'tools/call': async () => ({ content: [{ type: 'text', text: await get(params.arguments) }] }),
    ping: () => ({}),
  }
  if (id === undefined) return
  const answer = results[method] === undefined ? { error: { code: -32601, message: 'none' } } : { result: await results[method]() }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n')
}).on('close', () => process.exit(0))
`
