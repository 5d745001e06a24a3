// Plugins that lie, flood or say nothing. Each ends in a typed error and a dead process, and what the host holds is bounded.

import { rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '@bulkhead/kernel'
import { describe, expect, test, vi } from 'vitest'
import { handshakeIn, launch, makeLogBook, openFolder, startProcess } from '../peers/process.ts'
import { openGoPlugin } from './plugin.ts'

const fake = fileURLToPath(new URL('../peers/fake-plugin.ts', import.meta.url))
const quiet = ['--conditions=@bulkhead/source', '--disable-warning=ExperimentalWarning'] as const

const plugin = (mode: string, detail = ''): readonly [string, ...string[]] => [execPath, ...quiet, fake, mode, detail]
const failure = async (mode: string, detail?: string): Promise<BulkheadError> => {
  const thrown: unknown = await launch(plugin(mode, detail)).then(
    async (launched) => {
      await launched[Symbol.asyncDispose]()
      return undefined
    },
    (error: unknown) => error,
  )
  if (thrown instanceof BulkheadError) return thrown
  throw new Error(`${mode} was taken`, { cause: thrown })
}

test('the fake behaves when it is not told otherwise', async () => {
  await using launched = await launch(plugin('behaves'))
  await launched.plugin.ping()
  await launched.plugin[Symbol.asyncDispose]()
  expect(await launched.process.ended).toEqual([0, null])
})

describe('before and in the handshake', () => {
  test.each([
    ['ends', '', /ended its output before its handshake/],
    ['says', 'Welcome to my plugin!\n1|1|unix|/x|grpc|AAAA\n', /no handshake: Welcome to my plugin!/],
    ['says', '\u001b[2J\u202e|\n', /no handshake: \\x1b\[2J/],
    ['says', '2|1|unix|/x|grpc|AAAA\n', /version 2 of go-plugin's protocol/],
    ['says', '1|7|unix|/x|grpc|AAAA\n', /speaks version 7; the host speaks 1/],
    ['says', '1|1|unix|/x|netrpc|\n', /not in|netrpc/],
    ['says', '1|1|tcp|127.0.0.1:22|grpc|AAAA\n', /only a unix socket was allowed/],
    ['gigabyte', '', /first line is longer than 8192 bytes/],
  ])('%s %j is refused', async (mode, detail, message) => {
    const error = await failure(mode, detail)
    const code = String(message).includes('version') ? 'protocol.version' : 'protocol.handshake'
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(error.message.length).toBeLessThan(600)
  })

  test.each(['silent', 'says-nothing', 'never-answers'])(
    'one that is %s is given up when the caller says so',
    async (mode) => {
      using folder = openFolder()
      const handshake = await handshakeIn(folder.path)
      const process = startProcess(plugin(mode), handshake.environment)
      const caller = new AbortController()
      setTimeout(() => caller.abort(new BulkheadError('limit.time', 'it took too long')), 1_000)
      const opening = openGoPlugin(handshake, process, { signal: caller.signal, log: makeLogBook() })
      await expect(opening).rejects.toMatchObject({ code: 'limit.time', message: 'it took too long' })
      expect(await process.ended).toEqual([null, 'SIGKILL'])
    },
  )
})

describe('about who it is', () => {
  test.each([
    ['no-tls', 'a server without TLS'],
    ['swapped', 'a server with another certificate'],
    ['signed', 'a server with a certificate that the announced one has signed'],
  ])('%s: %s is refused', async (mode) => {
    expect(await failure(mode)).toMatchObject({
      code: 'protocol.handshake',
      message: expect.stringContaining('did not answer as it announced') as string,
    })
  })

  test('a link to the socket of another program is not followed', async () => {
    using folder = openFolder()
    using elsewhere = openFolder()
    let connections = 0
    const victim = createServer((socket) => {
      connections++
      socket.destroy()
    })
    const victimPath = join(elsewhere.path, 'victim')
    await new Promise<void>((resolve) => void victim.listen(victimPath, resolve))
    const handshake = await handshakeIn(folder.path)
    const link = join(folder.path, 'plugin-1')
    symlinkSync(victimPath, link)
    const process = startProcess(plugin('elsewhere', link), handshake.environment)
    const opening = openGoPlugin(handshake, process, { signal: AbortSignal.timeout(20_000), log: makeLogBook() })
    await expect(opening).rejects.toMatchObject({ code: 'protocol.handshake' })
    await process.ended
    expect(connections).toBe(0)
    rmSync(link)
    await new Promise((resolve) => victim.close(resolve))
  })
})

describe('in its answers', () => {
  test.each([
    ['claims-a-gigabyte', 'limit.output'],
    ['gzip-bomb', 'limit.output'],
    ['many-parts', 'limit.output'],
    ['deep-groups', 'protocol.violation'],
    ['no-message', 'protocol.violation'],
    ['not-serving', 'plugin.failed'],
    ['not-grpc', 'protocol.violation'],
    ['long-failure', 'plugin.failed'],
  ])('%s is refused as %s', async (mode, because) => {
    const error = await failure(mode)
    expect(error).toMatchObject({ code: 'protocol.handshake', details: { because } })
    expect(error.message.length).toBeLessThan(1_500)
    expect(error.message).not.toMatch(/[\u0000-\u001f]/)
  })
})

describe('on the side', () => {
  test('a flood on stderr is dropped and counted, and the plugin works', async () => {
    await using launched = await launch(plugin('floods-stderr'))
    await launched.plugin.ping()
    await vi.waitFor(() => expect(launched.book.records.length).toBeGreaterThan(0))
    await launched.plugin[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(launched.book.lost.get('stderr') ?? 0).toBeGreaterThan(1_000))
  })

  test('a flood of forwarded output is dropped and counted, and the plugin answers', async () => {
    await using launched = await launch(plugin('floods-forwarded'))
    for (let at = 0; at < 20; at++) await launched.plugin.ping()
    await launched.plugin[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(launched.book.lost.get('forwarded-stdout') ?? 0).toBeGreaterThan(0))
  })

  test('one that ignores Shutdown is ended', async () => {
    await using launched = await launch(plugin('ignores-shutdown'), { graceMs: 200 })
    await launched.plugin[Symbol.asyncDispose]()
    expect(await launched.process.ended).toEqual([null, 'SIGKILL'])
  })
})

describe('through the broker', () => {
  test('an address outside the folder is not dialled', async () => {
    await using launched = await launch(plugin('announces', '/run/docker.sock'))
    await expect(launched.plugin.broker.dial(7)).rejects.toMatchObject({ code: 'protocol.handshake' })
  })

  test('a flood of announcements is forgotten beyond its bound', async () => {
    await using launched = await launch(plugin('floods-announcements', '/x'))
    await launched.plugin.ping()
    const early = launched.plugin.broker.dial(3)
    await expect(early).rejects.toMatchObject({ code: 'protocol.handshake' })
  })
})
