// The host against HashiCorp's own library: a plugin built in Go, AutoMTLS, calls both ways, the broker, output, the end.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '@bulkhead/kernel'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { buildGoProgram } from '../../../tests/support/go-program.ts'
import { readFirstLine } from './first-line.ts'
import { drainPlugin, initializePlugin } from './lifecycle.ts'
import { launch, makeLogBook, openFolder } from '../peers/process.ts'
import { attachGoPlugin } from './plugin.ts'
import { chatStream } from './provider.ts'
import { parseReattach } from './reattach.ts'
import { executeTool, listTools } from './tool.ts'

const built = buildGoProgram(fileURLToPath(new URL('../fixtures/greeter', import.meta.url)))
const greeter = built.missing === undefined ? built.program : ''
afterAll(() => built[Symbol.dispose]())

const call = 'call-1'

describe.skipIf(built.missing !== undefined)(`a plugin that is built with go-plugin ${built.missing ?? ''}`, () => {
  test('is greeted, lists its tools, runs them, and ends when it is told to', async () => {
    await using launched = await launch([greeter])
    const { plugin, process } = launched
    expect(plugin.version).toBe(1)
    await plugin.ping()
    const greeting = await initializePlugin(plugin.connection, { hostVersion: '1.2.3', configJson: '{}' })
    expect(greeting).toEqual({ name: 'greeter', version: '1.0.0', services: ['tool'] })
    const [greet] = await listTools(plugin.connection)
    expect(greet).toMatchObject({ name: 'greet', risk: 'read-only', inputSchema: { required: ['name'] } })
    const output = await executeTool(plugin.connection, { call, tool: 'greet', inputJson: '{"name":"Ada"}' })
    expect(output).toEqual({ greeting: 'Hello, Ada.' })
    await drainPlugin(plugin.connection)
    await plugin[Symbol.asyncDispose]()
    expect(await process.ended).toEqual([0, null])
  })

  test('reports a failure of its own as such', async () => {
    await using launched = await launch([greeter])
    const failing = executeTool(launched.plugin.connection, { call, tool: 'greet', inputJson: '{}' })
    await expect(failing).rejects.toMatchObject({
      code: 'plugin.failed',
      message: 'there is nobody to greet',
      details: { guestCode: 'nobody' },
    })
  })

  test('has its log, its level and pairs, and what it prints', async () => {
    await using launched = await launch([greeter])
    const { plugin, book } = launched
    await initializePlugin(plugin.connection, { hostVersion: '1.2.3', configJson: '{"a":1}' })
    await executeTool(plugin.connection, { call, tool: 'greet', inputJson: '{"name":"Ada"}' })
    await vi.waitFor(() => {
      expect(book.records).toContainEqual({
        source: 'stderr',
        level: 'info',
        message: 'initialised',
        fields: { config: '{"a":1}', host: '1.2.3' },
      })
      expect(book.records).toContainEqual({ source: 'forwarded-stdout', level: 'info', message: 'printed for Ada' })
    })
  })

  test('streams through the broker', async () => {
    await using launched = await launch([greeter])
    const { connection, broker } = launched.plugin
    const { service } = (await executeTool(connection, { call, tool: 'count', inputJson: '{}' })) as { service: number }
    using dialled = await broker.dial(service)
    const words: string[] = []
    const request = { call, model: 'echo', messages: [{ role: 'user', content: 'one two three' }] } as const
    for await (const { text } of chatStream(dialled, request)) words.push(text)
    expect(words).toEqual(['one', 'two', 'three'])
  })

  test('calls the host through the broker, under the name of its call', async () => {
    await using launched = await launch([greeter])
    const { connection, broker } = launched.plugin
    const asked: unknown[] = []
    const hostService = broker.nextId()
    await broker.accept(hostService, 'bulkhead.plugin.v1.Host', {
      Call: async (request) => {
        asked.push(request)
        return { output_json: Buffer.from('{"ok":true}') }
      },
    })
    await initializePlugin(connection, { hostVersion: '1', configJson: '{}', hostService })
    const inputJson = '{"name":"kv.get","input":{"key":"k"}}'
    expect(await executeTool(connection, { call, tool: 'ask-host', inputJson })).toEqual({ answer: { ok: true } })
    expect(asked).toEqual([{ call, function: 'kv.get', input_json: Buffer.from('{"key":"k"}') }])
  })

  test('is given the environment of its handshake and nothing else', async () => {
    await using launched = await launch([greeter])
    const names = await executeTool(launched.plugin.connection, { call, tool: 'environment', inputJson: '{}' })
    expect(names).toEqual(expect.arrayContaining(['BULKHEAD_PLUGIN', 'PLUGIN_CLIENT_CERT', 'PLUGIN_PROTOCOL_VERSIONS']))
    expect(names).not.toContain('PATH')
  })

  test('hears that its caller cancelled', async () => {
    await using launched = await launch([greeter])
    const { plugin, book } = launched
    const caller = new AbortController()
    const waiting = executeTool(plugin.connection, { call, tool: 'wait', inputJson: '{}' }, { signal: caller.signal })
    await vi.waitFor(() => expect(book.records.map(({ message }) => message)).toContain('waiting'))
    caller.abort(new BulkheadError('limit.time', 'too slow'))
    await expect(waiting).rejects.toMatchObject({ code: 'limit.time' })
    await vi.waitFor(() => expect(book.records.map(({ message }) => message)).toContain('cancelled'))
  })

  test('answers within the bound on messages, or the call fails and the plugin lives', async () => {
    await using launched = await launch([greeter], { maxMessageBytes: 64 * 1024 })
    const { connection } = launched.plugin
    const big = (size: number) => executeTool(connection, { call, tool: 'big', inputJson: `{"size":${size}}` })
    await expect(big(65 * 1024)).rejects.toMatchObject({ code: 'limit.output' })
    expect(await big(1_024)).toHaveLength(1_024)
    const huge = { call, tool: 'greet', inputJson: JSON.stringify({ name: 'x'.repeat(65 * 1024) }) }
    await expect(executeTool(connection, huge)).rejects.toMatchObject({ code: 'input.too-large' })
  })

  test('that panics ends its calls with plugin.crashed, and its trace is in the log', async () => {
    await using launched = await launch([greeter])
    const { plugin, book } = launched
    const crashing = executeTool(plugin.connection, { call, tool: 'crash', inputJson: '{}' })
    await expect(crashing).rejects.toMatchObject({ code: 'plugin.crashed' })
    await vi.waitFor(() =>
      expect(book.records).toContainEqual(expect.objectContaining({ level: 'error', message: 'panic: as asked' })),
    )
    await expect(plugin.ping()).rejects.toMatchObject({ code: 'plugin.crashed' })
  })

  test('that is killed ends its calls with plugin.crashed, whatever waits', async () => {
    await using launched = await launch([greeter])
    const { plugin, process, book } = launched
    const waiting = executeTool(plugin.connection, { call, tool: 'wait', inputJson: '{}' })
    const dialling = plugin.broker.dial(99)
    await vi.waitFor(() => expect(book.records.map(({ message }) => message)).toContain('waiting'))
    process.kill()
    await expect(waiting).rejects.toMatchObject({ code: 'plugin.crashed' })
    await expect(dialling).rejects.toMatchObject({ code: 'plugin.crashed' })
    expect(await process.ended).toEqual([null, 'SIGKILL'])
  })

  test('that somebody debugs is attached to, and left running', async () => {
    using folder = openFolder()
    const debugged = spawn(greeter, ['debug'], { env: { TMPDIR: folder.path }, stdio: ['pipe', 'pipe', 'ignore'] })
    const ended = once(debugged, 'exit')
    const signal = AbortSignal.timeout(20_000)
    const reattach = parseReattach(await readFirstLine(debugged.stdout, { maxBytes: 4_096, signal }))
    const options = {
      reattach,
      folder: { onHost: folder.path, inPlugin: folder.path },
      signal,
      log: makeLogBook(),
    }
    for (const name of ['Ada', 'Grace']) {
      await using plugin = await attachGoPlugin(options)
      const inputJson = JSON.stringify({ name })
      const output = await executeTool(plugin.connection, { call, tool: 'greet', inputJson })
      expect(output).toEqual({ greeting: `Hello, ${name}.` })
    }
    debugged.stdin.end()
    expect(await ended).toEqual([0, null])
  })
})
