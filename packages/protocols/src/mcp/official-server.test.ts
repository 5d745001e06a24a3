// Against the protocol's own TypeScript server, in both eras, over streams in this process.

import { PassThrough } from 'node:stream'
import { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { makeHandClock } from '../../../../tests/support/protocol-peer.ts'
import { openMcpClient } from './client.ts'

const makeServer = (): McpServer => {
  const server = new McpServer({ name: 'official', version: '3.1.4' })
  server.registerTool(
    'add',
    {
      description: 'Adds.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }], structuredContent: { sum: a + b } }),
  )
  server.registerTool('greet', { inputSchema: z.object({}) }, () => ({ content: [{ type: 'text', text: 'hello' }] }))
  server.registerTool('fail', { inputSchema: z.object({}) }, () => {
    throw new Error('out of luck')
  })
  return server
}

test.each([
  ['modern', undefined, '2026-07-28'],
  ['legacy', 'legacy', '2025-11-25'],
] as const)('in the %s era: tools are listed, called, and fail', async (era, asked, revision) => {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()]
  const handle = serveStdio(makeServer, { transport: new StdioServerTransport(toServer, toClient) })
  try {
    using client = await openMcpClient({
      streams: { readable: toClient, writable: toServer },
      clock: makeHandClock(),
      client: { name: 'bulkhead', version: '0.1.0' },
      handshakeTimeoutMs: 1000,
      log: () => {},
      ...(asked === undefined ? {} : { era: asked }),
    })
    expect(client).toMatchObject({ era, revision })
    const actions = await client.listActions({ timeoutMs: 1000 })
    expect(Object.keys(actions)).toEqual(['add', 'greet', 'fail'])
    expect(actions['add']).not.toHaveProperty('risk')
    const call = (action: string, input: { [key: string]: number }) => client.call({ action, input, timeoutMs: 1000 })
    expect(await call('add', { a: 20, b: 22 })).toEqual({ sum: 42 })
    expect(await call('greet', {})).toEqual({ content: [{ type: 'text', text: 'hello' }] })
    await expect(call('fail', {})).rejects.toMatchObject({ code: 'plugin.failed', message: 'fail failed: out of luck' })
    await client.ping(1000)
    expect(client.statistics).toMatchObject({ unsolicited: 0, strayLines: 0, late: 0 })
  } finally {
    await handle.close()
  }
})
