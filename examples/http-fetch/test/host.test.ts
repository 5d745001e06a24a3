// The plugin as a host runs it, against a server on this machine: what the grant covers is fetched, nothing else.

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Host, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'

const plugin = fileURLToPath(new URL('..', import.meta.url))

let home: string
let server: Server
let origin: string
let visited: string[]

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bulkhead-http-fetch-'))
  visited = []
  server = createServer((request, response) => {
    visited.push(request.url ?? '')
    if (request.url === '/public/away') response.writeHead(302, { location: '/private' }).end()
    else if (request.url === '/public/page')
      response.setHeader('content-type', 'text/html').end('<title>Page</title><h1>One</h1><a href="next">Next</a>')
    else if (request.url === '/public/data') response.end('{"items":[{"id":7}]}')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(home, { recursive: true })
})

const open = (...grants: string[]): Promise<Host> =>
  openHost({ plugins: [plugin], home, policy: { grants: { 'http-fetch': grants } } })

test('extracts from what the grant covers', async () => {
  await using host = await open(`network:GET ${origin}/public/*`)
  expect(await host.call('http-fetch', 'page', { url: `${origin}/public/page` })).toEqual({
    status: 200,
    title: 'Page',
    description: '',
    headings: ['One'],
    links: [{ text: 'Next', url: `${origin}/public/next` }],
  })
  expect(await host.call('http-fetch', 'json', { url: `${origin}/public/data`, pointer: '/items/0/id' })).toEqual({
    status: 200,
    value: 7,
  })
})

test('is denied without a grant, and the server hears nothing', async () => {
  await using host = await open()
  await expect(host.call('http-fetch', 'page', { url: `${origin}/public/page` })).rejects.toMatchObject({
    code: 'capability.denied',
  })
  expect(visited).toEqual([])
})

test('is denied where a redirect leaves the grant', async () => {
  await using host = await open(`network:GET ${origin}/public/*`)
  await expect(host.call('http-fetch', 'page', { url: `${origin}/public/away` })).rejects.toMatchObject({
    code: 'capability.denied',
  })
  expect(visited).toEqual(['/public/away'])
})

test('reports an answer that is no success as its own failure', async () => {
  await using host = await open(`network:GET ${origin}/public/*`)
  await expect(host.call('http-fetch', 'json', { url: `${origin}/public/none` })).rejects.toMatchObject({
    code: 'plugin.failed',
  })
})
