import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Host, openHost } from '@bulkhead/host'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
let home: string
let host: Host

beforeAll(async () => {
  const built = spawnSync(process.execPath, [join(folder, 'build.js')], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  home = await mkdtemp(join(tmpdir(), 'bulkhead-everything-'))
  process.env['BULKHEAD_TEST_SECRET'] = 'a secret of the host'
  host = await openHost({ home, plugins: [folder] })
})

afterAll(async () => {
  delete process.env['BULKHEAD_TEST_SECRET']
  await host[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

interface ToolResult {
  readonly isError?: boolean
  readonly content: readonly { readonly type: string; readonly text: string }[]
}

const textOf = async (tool: string, input: unknown): Promise<string> => {
  const { content } = (await host.call('everything', tool, input as never)) as unknown as ToolResult
  return content.map(({ text }) => text).join('\n')
}

test('its tools are actions, with what they say of themselves', async () => {
  await host.loadPlugin(folder)
  const { actions } = host.getPluginStatus('everything')
  expect(Object.keys(actions)).toEqual(expect.arrayContaining(['echo', 'get-sum', 'get-structured-content']))
  expect(actions['echo']?.description).toContain('Echoes')
  expect(await textOf('echo', { message: 'land ahoy' })).toBe('Echo: land ahoy')
  expect(await textOf('get-sum', { a: 2, b: 40 })).toContain('42')
})

test('structured content is the output, checked by the schema that the server gave', async () => {
  expect(await host.call('everything', 'get-structured-content', { location: 'Chicago' })).toMatchObject({
    conditions: expect.any(String),
    temperature: expect.any(Number),
  })
})

test('an input that breaks a schema does not reach it', async () => {
  await expect(host.call('everything', 'get-sum', { a: 'two', b: 3 })).rejects.toMatchObject({ code: 'input.invalid' })
})

test('it sees no environment of the host', async () => {
  const environment = await textOf('get-env', {})
  expect(environment).toContain('HOME')
  expect(environment).not.toContain('secret')
  expect(Object.keys(JSON.parse(environment) as object).sort()).toEqual(['HOME', 'LANG', 'PWD', 'TMPDIR'])
})

test('what it would fetch from the network it does not get', async () => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    response.end('reached')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = { name: 'x.gz', data: `http://127.0.0.1:${port}/`, outputType: 'resource' }
  const outcome = await textOf('gzip-file-as-resource', asked).catch((error: Error) => `refused: ${error.message}`)
  server.close()
  expect(outcome).toMatch(/fail|error|refused/i)
  expect(requests).toBe(0)
})

test('a long operation ends when its caller gives up, and the next call is answered', async () => {
  const long = host.call('everything', 'trigger-long-running-operation', { duration: 60, steps: 2 }, { timeoutMs: 300 })
  await expect(long).rejects.toMatchObject({ code: 'limit.time' })
  expect(await textOf('echo', { message: 'still here' })).toBe('Echo: still here')
})
