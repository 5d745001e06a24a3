// A plugin that is built with HashiCorp's own library, through the whole host: its services as actions, what it writes on the
// side, and how it ends. Where Go is absent the tests say so and are skipped.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attachGoPlugin, executeTool, initializePlugin, parseReattach } from '@bulkhead/go-plugin'
import { type Host, type HostOptions, openHost } from '@bulkhead/host'
import { afterAll, describe, expect, test } from 'vitest'
import { descendantsOf, leavesOf, pidOf } from '../support/descendants.ts'
import { buildGoProgram } from '../support/go-program.ts'

const built = buildGoProgram(
  fileURLToPath(new URL('../../packages/runtimes/process/test/conformance-go', import.meta.url)),
)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-library-'))
afterAll(() => {
  built[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Opens a host over it; the manifest may say more. */
const open = async (options: HostOptions = {}, more = ''): Promise<Host> => {
  const plugin = join(mkdtempSync(join(folder, 'plugin-')), 'conformance')
  mkdirSync(plugin)
  if (built.missing === undefined) copyFileSync(built.program, join(plugin, 'plugin'))
  writeFileSync(
    join(plugin, 'plugin.yaml'),
    `manifest: 1\nname: conformance\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, protocol: go-plugin, entry: plugin, isolation: per-plugin }\n${more}`,
  )
  return openHost({ home: mkdtempSync(join(folder, 'home-')), workspaceRoot: folder, plugins: [plugin], ...options })
}

const conversation = (content: string, model = 'echo') => ({ model, messages: [{ role: 'user', content }] })

describe.skipIf(built.missing !== undefined)(`a plugin that is built with go-plugin ${built.missing ?? ''}`, () => {
  test('offers its models as actions, whole answers and streamed ones', async () => {
    await using host = await open()
    expect(await host.call('conformance', 'provider.models')).toEqual(['echo', 'shout'])
    expect(await host.call('conformance', 'provider.chat', conversation('Hi.', 'shout'))).toEqual({
      text: 'HI.',
      usage: { inputTokens: 1, outputTokens: 3 },
    })
    const streamed = await host.call('conformance', 'provider.chat-stream', conversation('one two three'))
    expect(streamed).toEqual({ pieces: ['one', 'two', 'three'] })
    const wrong = { model: 'echo', messages: [{ role: 'root', content: '' }] }
    await expect(host.call('conformance', 'provider.chat', wrong)).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('an action that the manifest names with no schema is held to its service’s all the same', async () => {
    await using host = await open({}, 'actions:\n  provider.chat: { description: Talks. }\n')
    await expect(host.call('conformance', 'provider.chat', { model: 1 })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await expect(host.call('conformance', 'provider.models')).rejects.toMatchObject({ code: 'action.unknown' })
  })

  test('a stream without end is cut off at the limit on output, and the next call is answered', async () => {
    await using host = await open({ policy: { limits: { outputBytes: 65_536 } } })
    const endless = host.call('conformance', 'provider.chat-stream', conversation('endless'))
    await expect(endless).rejects.toMatchObject({ code: 'limit.output' })
    expect(await host.call('conformance', 'echo', 1)).toBe(1)
  })

  test('carries messages both ways, and none is lost between two calls', async () => {
    await using host = await open()
    expect(await host.call('conformance', 'channel.receive')).toEqual([])
    for (const text of ['one', 'two', 'three']) {
      expect(await host.call('conformance', 'channel.send', { conversation: 'c', text })).toEqual({ id: 'sent-c' })
    }
    const messages: unknown[] = []
    while (messages.length < 3) {
      const some = (await host.call('conformance', 'channel.receive', { most: 1, waitMs: 10_000 })) as unknown[]
      expect(some).toHaveLength(1)
      messages.push(...some)
    }
    expect(messages).toEqual(
      ['one', 'two', 'three'].map((text, at) => ({ conversation: 'c', sender: 'echo', text, id: `m${at + 1}` })),
    )
    expect(await host.call('conformance', 'channel.receive', { waitMs: 10 })).toEqual([])
  })

  test('keeps for the next call what would go beyond the limit on output', async () => {
    await using host = await open({ policy: { limits: { outputBytes: 3000 } } })
    for (const text of ['a', 'b', 'c']) {
      await host.call('conformance', 'channel.send', { conversation: 'c', text: text.repeat(1200) })
    }
    const texts: string[] = []
    while (texts.length < 3) {
      const some = await host.call('conformance', 'channel.receive', { waitMs: 10_000 })
      expect(JSON.stringify(some).length).toBeLessThanOrEqual(3000)
      texts.push(...(some as { text: string }[]).map(({ text }) => text.slice(0, 1)))
    }
    expect(texts).toEqual(['a', 'b', 'c'])
  })

  test('waits for a message no longer than its call', async () => {
    await using host = await open()
    expect(await host.call('conformance', 'count')).toBe(1)
    const waiting = host.call('conformance', 'channel.receive', { waitMs: 60_000 }, { timeoutMs: 500 })
    await expect(waiting).rejects.toMatchObject({ code: 'limit.time' })
    // The process is kept, and so is what arrives meanwhile.
    await host.call('conformance', 'channel.send', { conversation: 'c', text: 'late' })
    expect(await host.call('conformance', 'channel.receive', { waitMs: 10_000 })).toMatchObject([{ text: 'late' }])
    expect(await host.call('conformance', 'count')).toBe(2)
  })

  test('has what it prints and logs in the log of the host, hclog’s levels and pairs too', async () => {
    const lines: string[] = []
    await using host = await open({ log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) } })
    await host.call('conformance', 'print')
    await expect.poll(() => lines).toContain('info printed')
    await expect.poll(() => lines).toContain('warn hclogged key="a value"')
    await host[Symbol.asyncDispose]()
    // It was asked to finish before it was told to end.
    expect(lines).toContain('info drained')
  })

  test('is told how long its call may take', async () => {
    await using host = await open()
    const told = Number(await host.call('conformance', 'deadline', null, { timeoutMs: 30_000 }))
    expect(told).toBeGreaterThan(1000)
    expect(told).toBeLessThanOrEqual(30_000)
  })

  test('sees nothing of the host', async () => {
    await using host = await open()
    await expect(host.call('conformance', 'look', '/etc/shadow')).rejects.toMatchObject({ code: 'plugin.failed' })
    expect(await host.call('conformance', 'environment')).not.toContain('PATH')
  })

  test('that was started by hand is reached past the host, and left running', async () => {
    const started = spawn(built.missing === undefined ? built.program : '', ['debug'], {
      env: { TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const ended = once(started, 'exit')
    const [line] = (await once(started.stdout, 'data')) as [Buffer]
    {
      await using plugin = await attachGoPlugin({
        reattach: parseReattach(String(line)),
        folder: { onHost: folder, inPlugin: folder },
        signal: AbortSignal.timeout(20_000),
        log: { record: () => {}, dropped: () => {} },
      })
      const greeting = await initializePlugin(plugin.connection, { hostVersion: 'debug', configJson: '{}' })
      expect(greeting).toEqual({ name: 'conformance', version: '1.0.0', services: ['tool', 'provider', 'channel'] })
      expect(await executeTool(plugin.connection, { call: 'debug', tool: 'echo', inputJson: '[1]' })).toEqual([1])
    }
    expect(started.exitCode).toBeNull()
    started.stdin.end()
    expect(await ended).toEqual([0, null])
  })

  test('that dies while nobody waits for its messages ends nothing else', async () => {
    await using host = await open()
    expect(await host.call('conformance', 'channel.receive')).toEqual([])
    await expect(host.call('conformance', 'die')).rejects.toMatchObject({ code: 'plugin.crashed' })
    expect(await host.call('conformance', 'channel.receive')).toEqual([])
  })

  test('that is killed is started again by the next call', async () => {
    await using host = await open()
    const before = new Set(descendantsOf(process.pid))
    expect([await host.call('conformance', 'count'), await host.call('conformance', 'count')]).toEqual([1, 2])
    const programs = leavesOf(descendantsOf(process.pid).filter((identity) => !before.has(identity)))
    expect(programs).toHaveLength(1)
    const lingering = host.call('conformance', 'linger')
    lingering.catch(() => undefined)
    for (const program of programs) process.kill(pidOf(program), 'SIGKILL')
    await expect(lingering).rejects.toMatchObject({ code: 'plugin.crashed' })
    expect(await host.call('conformance', 'count')).toBe(1)
  })

  test('dies alone, and the next call is answered by a new process', async () => {
    await using host = await open()
    expect([await host.call('conformance', 'count'), await host.call('conformance', 'count')]).toEqual([1, 2])
    await expect(host.call('conformance', 'die')).rejects.toMatchObject({ code: 'plugin.crashed' })
    expect(await host.call('conformance', 'count')).toBe(1)
    await expect(host.call('conformance', 'linger', null, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'limit.time',
    })
    expect(await host.call('conformance', 'count')).toBe(1)
  })
})
