// A plugin that speaks go-plugin and attacks the host through it: in its handshake, about who it is, in its answers, in its
// calls to the host, and in its log. Each ends in a typed error, and the host goes on.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineHostFunction, type Host, type HostOptions, openHost } from '@bulkhead/host'
import type { BulkheadError } from '@bulkhead/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type FakeGoPlugin, writeFakeGoPlugin } from '../support/fake-go-plugin.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-attack-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const kept = '  isolation: per-plugin\n'

const open = (plugins: readonly FakeGoPlugin[], options: HostOptions = {}): Promise<Host> =>
  openHost({
    home: join(folder, 'home'),
    workspaceRoot: folder,
    plugins: plugins.map((plugin) => writeFakeGoPlugin(folder, { execution: kept, ...plugin })),
    ...options,
  })

const failure = async (promise: Promise<unknown>): Promise<BulkheadError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as BulkheadError,
  )

/** Opens a host over one that behaves in some way, calls it, and tells how that failed; one that behaves works beside it. */
const refusal = async (mode: string, detail?: string): Promise<BulkheadError> => {
  const bad = { name: 'bad', mode, ...(detail === undefined ? {} : { detail }) }
  await using host = await open([bad, { name: 'good' }])
  const error = await failure(host.call('bad', 'echo', 1, { timeoutMs: 8000 }))
  expect(await host.call('good', 'echo', 2)).toBe(2)
  expect(error.message.length).toBeLessThan(1000)
  expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  return error
}

describe('in the handshake', () => {
  test.each([
    ['says', 'Welcome!\n', 'protocol.handshake'],
    ['says', '\u001b[2J\u202e|\n', 'protocol.handshake'],
    ['says', '2|1|unix|/tmp/x|grpc|AAAA\n', 'protocol.version'],
    ['says', '1|7|unix|/tmp/x|grpc|AAAA\n', 'protocol.version'],
    ['says', '1|1|unix|/tmp/plugin-1|grpc|\n', 'protocol.handshake'],
    ['gigabyte', undefined, 'protocol.handshake'],
    ['ends', undefined, 'plugin.crashed'],
    ['misnamed', undefined, 'protocol.handshake'],
    ['two-faced', undefined, 'protocol.violation'],
    ['claims-more', undefined, 'protocol.handshake'],
    ['toolless', undefined, 'action.unknown'],
  ])('%s %j is refused as %s', async (mode, detail, code) => {
    const before = process.memoryUsage.rss()
    expect(await refusal(mode, detail)).toMatchObject({ code })
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20)
  })

  test('those that say nothing, or answer nothing, are refused when their time is up', async () => {
    const before = process.memoryUsage.rss()
    const modes = ['silent', 'never-answers']
    await using host = await open([...modes.map((mode) => ({ name: mode, mode })), { name: 'good' }])
    const refused = modes.map((name) => failure(host.call(name, 'echo', 1, { timeoutMs: 8000 })))
    expect(await host.call('good', 'echo', 2)).toBe(2)
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ code: 'protocol.handshake' })
      expect(error.message.length).toBeLessThan(1000)
      expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
    expect(await host.call('good', 'echo', 2)).toBe(2)
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20)
  })

  test.each(['/run/docker.sock', '@abstract', '/tmp/../run/x', '/tmp/a/b', '/tmp/.x'])(
    'the address %s is not dialled',
    async (address) => {
      expect(await refusal('elsewhere', address)).toMatchObject({ code: 'protocol.handshake' })
    },
  )

  test('a link in the place of its socket leads to no socket of the host', async () => {
    let connections = 0
    const victim = createServer((socket) => {
      connections++
      socket.destroy()
    })
    const path = join(folder, 'victim')
    await new Promise<void>((resolve) => void victim.listen(path, resolve))
    expect(await refusal('links', path)).toMatchObject({ code: 'protocol.handshake' })
    expect(connections).toBe(0)
    await new Promise((resolve) => victim.close(resolve))
  })

  test.each(['no-tls', 'swapped', 'signed'])(
    'a server that is %s is not the one that introduced itself',
    async (mode) => {
      expect(await refusal(mode)).toMatchObject({ code: 'protocol.handshake' })
    },
  )
})

describe('in its answers', () => {
  test.each([
    ['claim-a-gigabyte', 'limit.output'],
    ['no-message', 'protocol.violation'],
    // gRPC reports these as a broken connection, which one of them is not: nobody may wait for its end.
    ['unavailable', 'plugin.crashed'],
    ['go-away', 'plugin.crashed'],
  ])('%s is refused as %s, and the next call is answered', async (action, code) => {
    await using host = await open([{ name: 'bad' }])
    const before = process.memoryUsage.rss()
    await expect(host.call('bad', action)).rejects.toMatchObject({ code })
    expect(await host.call('bad', 'echo', 3)).toBe(3)
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20)
  })

  test('a stream that it pushes ends its connection, not the host', async () => {
    await using host = await open([{ name: 'bad' }])
    // It answers as well; the connection is gone before that is read.
    await expect(host.call('bad', 'push')).rejects.toMatchObject({ code: expect.stringMatching(/^plugin\./) })
    expect(await host.call('bad', 'echo', 4)).toBe(4)
  })

  test('one that goes on with a call that is over is ended, and its answer reaches nobody', async () => {
    await using host = await open([{ name: 'bad' }])
    const pid = await host.call('bad', 'pid')
    expect(await host.call('bad', 'count')).toBe(1)
    await expect(host.call('bad', 'hang', null, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'limit.time' })
    expect(await host.call('bad', 'count')).toBe(1)
    expect(await host.call('bad', 'pid')).toBe(pid)
  })
})

describe('in its calls to the host', () => {
  const asked: unknown[] = []
  const askHost = (run: (input: unknown) => unknown) =>
    defineHostFunction({
      name: 'test.ask',
      input: z.json(),
      output: z.json(),
      needs: () => [],
      risk: 'read-only',
      run: async ({ input }) => {
        asked.push(input)
        return (await run(input)) as z.output<ReturnType<typeof z.json>>
      },
    })
  beforeEach(() => void asked.splice(0))

  test('the handle of a call that is over, or one that it makes up, is worth nothing', async () => {
    await using host = await open([{ name: 'thief' }], { functions: [askHost((input) => input)] })
    expect(await host.call('thief', 'borrow', 'first')).toBe('first')
    expect(await failure(host.call('thief', 'borrow', 'second'))).toMatchObject({
      code: 'plugin.failed',
      message: 'call.cancelled',
    })
    const guesses = ['', '__proto__', 'constructor', 'call-1', 'x'.repeat(10_000)]
    expect(await host.call('thief', 'guess', guesses)).toEqual(guesses.map(() => 'call.cancelled'))
    expect(asked).toEqual(['first'])
  })

  test('the handle of another plugin’s call is worth nothing, even while that is under way', async () => {
    const handle = Promise.withResolvers<unknown>()
    const tried = Promise.withResolvers<void>()
    const spy = askHost(async (input) => {
      handle.resolve(input)
      await tried.promise
      return 'done'
    })
    await using host = await open([{ name: 'victim' }, { name: 'thief' }], { functions: [spy] })
    const call = host.call('victim', 'tell-call')
    expect(await host.call('thief', 'guess', [(await handle.promise) as string])).toEqual(['call.cancelled'])
    tried.resolve()
    expect(await call).toBe('done')
    expect(asked).toHaveLength(1)
  })

  test('what it asks when its call is over reaches nothing', async () => {
    const lines: string[] = []
    await using host = await open([{ name: 'late' }], {
      functions: [askHost((input) => input)],
      log: { write: ({ message }) => void lines.push(message) },
    })
    expect(await host.call('late', 'later')).toBe('soon')
    await expect.poll(() => lines).toContain('late call: call.cancelled')
    expect(asked).toEqual([])
  })

  test('its host calls are counted', async () => {
    await using host = await open([{ name: 'pest' }], {
      functions: [askHost(() => null)],
      policy: { limits: { hostCalls: 10 } },
    })
    await expect(host.call('pest', 'pester')).rejects.toMatchObject({ code: 'limit.host-calls' })
    expect(asked).toHaveLength(10)
  })
})

describe('in its log', () => {
  test('what it writes is one line of plain characters each', async () => {
    const lines: { level: string; message: string }[] = []
    await using host = await open([{ name: 'forger' }], {
      log: { write: ({ level, message }) => void lines.push({ level, message }) },
    })
    await host.call('forger', 'forge-log')
    await expect.poll(() => lines.filter(({ message }) => message.includes('all is well')).length).toBe(4)
    for (const { message } of lines) expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    // Printed on both streams; what comes after it in the same text is a line of its own, of this plugin.
    expect(lines.filter(({ message }) => message === 'fine')).toHaveLength(2)
  })

  test('a flood before its handshake is cut off, and the plugin answers', async () => {
    let logged = 0
    await using host = await open([{ name: 'loud', mode: 'floods-stderr' }], {
      log: { write: ({ message }) => (logged += message.length) },
    })
    expect(await host.call('loud', 'echo', 1)).toBe(1)
    expect(logged).toBeLessThan(1_300_000)
  })

  test('a flood is cut off, and the plugin answers', async () => {
    let logged = 0
    await using host = await open([{ name: 'loud' }], { log: { write: ({ message }) => (logged += message.length) } })
    expect(await host.call('loud', 'flood-log')).toBe('done')
    expect(await host.call('loud', 'echo', 1)).toBe(1)
    expect(logged).toBeLessThan(1_300_000)
  })
})
