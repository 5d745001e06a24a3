// A go-plugin has the network of every program: what was granted, by its proxy, besides the sockets between it and the host.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineHostFunction, openHost } from '@bulkhead/host'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { linux } from '../support/confined.ts'
import { writeFakeGoPlugin } from '../support/fake-go-plugin.ts'
import { buildGoProgram } from '../support/go-program.ts'
import { auditRecords } from '../support/host.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const built = buildGoProgram(
  fileURLToPath(new URL('../../packages/runtimes/process/test/conformance-go', import.meta.url)),
)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-network-'))
afterAll(() => {
  built[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const manifestOf = (asks: readonly string[]): string => `permissions:\n  network: ${JSON.stringify(asks)}\n`

const writeFake = (asks: readonly string[]): string =>
  writeFakeGoPlugin(folder, { name: 'conformance', execution: '  isolation: per-plugin\n', more: manifestOf(asks) })

const writeBuilt = (asks: readonly string[]): string => {
  const at = join(mkdtempSync(join(folder, 'plugin-')), 'conformance')
  mkdirSync(at)
  if (built.missing === undefined) copyFileSync(built.program, join(at, 'plugin'))
  writeFileSync(
    join(at, 'plugin.yaml'),
    `manifest: 1\nname: conformance\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, protocol: go-plugin, entry: plugin, isolation: per-plugin }\n${manifestOf(asks)}`,
  )
  return at
}

const ask = defineHostFunction({
  name: 'test.ask',
  input: z.unknown(),
  output: z.unknown(),
  needs: () => [],
  risk: 'read-only',
  run: async ({ input }) => input,
})

const behaves = async (
  write: (asks: readonly string[]) => string,
  around: (port: number) => unknown,
): Promise<void> => {
  await using open = await openLoopbackServer((request, response) => response.end(`seen ${request.url}`))
  await using closed = await openLoopbackServer((_request, response) => response.end('never'))
  const home = mkdtempSync(join(folder, 'home-'))
  await using host = await openHost({
    home,
    workspaceRoot: folder,
    plugins: [write([open.origin, closed.origin])],
    policy: { grants: { conformance: [`network:GET ${open.origin}/open/*`] } },
    functions: [ask],
  })
  // The channel between the two goes by no proxy.
  expect(await host.call('conformance', 'ask', 'ahoy')).toBe('ahoy')
  const fetch = (url: string): Promise<unknown> => host.call('conformance', 'fetch', url)
  expect(await fetch(`${open.origin}/open/a`)).toEqual({ status: 200, body: 'seen /open/a' })
  for (const url of [`${open.origin}/closed`, `${closed.origin}/open/a`]) {
    expect(await fetch(url)).toMatchObject({ status: 403, body: expect.stringMatching(/^capability\.denied: /) })
  }
  expect(await host.call('conformance', 'around', around(open.port))).not.toMatchObject({ status: 200 })
  expect(await host.call('conformance', 'around', around(open.port))).not.toBe('reached')
  expect([open.requests.length, open.sockets.length, closed.sockets.length]).toEqual([1, 1, 0])
  // What only reads is recorded within a moment.
  const allowed = async () => {
    const records = await auditRecords(home, { result: 'allowed' })
    return records.flatMap(({ capabilities = [] }) => capabilities).filter((one) => one.startsWith('network'))
  }
  await expect.poll(allowed).toEqual([`network:GET ${open.origin}/open/a`])
}

test.runIf(linux)('in Node', () => behaves(writeFake, (port) => port))

test.skipIf(built.missing !== undefined)(`in Go, with go-plugin itself ${built.missing ?? ''}`, () =>
  behaves(writeBuilt, (port) => `http://127.0.0.1:${port}/open/a`),
)
