import type { BulkheadError } from '@bulkhead/kernel'
import { describe, expect, test } from 'vitest'
import { FarEnd, makeHandClock, turn } from '../../../../tests/support/protocol-peer.ts'
import { openMcpClient } from './client.ts'
import type { McpClientOptions } from './options.ts'

const failure = (promise: Promise<unknown>): Promise<BulkheadError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as BulkheadError,
  )

const begin = (options: Partial<McpClientOptions> = {}) => {
  const far = new FarEnd()
  const clock = makeHandClock()
  const lines: string[] = []
  const opening = openMcpClient({
    streams: far.streams,
    clock,
    client: { name: 'bulkhead', version: '0.1.0' },
    handshakeTimeoutMs: 30_000,
    log: (level, message) => void lines.push(`${level} ${message}`),
    ...options,
  })
  return { far, clock, lines, opening }
}

const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, resultType: 'complete', ttlMs: 0 }
const initialised = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, logging: {} },
  serverInfo: { name: 'tools', version: '2' },
}

const openModern = async (options: Partial<McpClientOptions> = {}) => {
  const { opening, ...rest } = begin(options)
  rest.far.say({ id: (await rest.far.next('server/discover')).id, result: discovered })
  return { ...rest, client: await opening }
}
const openLegacy = async (options: Partial<McpClientOptions> = {}) => {
  const { opening, ...rest } = begin({ era: 'legacy', ...options })
  rest.far.say({ id: (await rest.far.next('initialize')).id, result: initialised })
  return { ...rest, client: await opening }
}

const tool = (name: string, over: object = {}) => ({ name, inputSchema: { type: 'object' }, ...over })

describe('which revision is spoken', () => {
  test('a modern server is asked without a handshake, and every request says who asks', async () => {
    const { far, client } = await openModern({ logLevel: 'warn' })
    using _ = client
    expect(client).toMatchObject({ era: 'modern', revision: '2026-07-28', identity: undefined })
    const listed = client.listActions({ timeoutMs: 1000 })
    const { id, params } = await far.next('tools/list')
    expect(params).toEqual({
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'bulkhead', version: '0.1.0' },
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/logLevel': 'warning',
      },
    })
    far.say({ id, result: { tools: [tool('run')], resultType: 'complete', ttlMs: 0, cacheScope: 'private' } })
    expect(await listed).toEqual({ run: { input: { type: 'object' } } })
    expect(far.received.map((message) => message['method'])).not.toContain('notifications/initialized')
  })

  test.each([
    ['an unknown method', { error: { code: -32_601, message: 'Method not found' } }],
    ['invalid params', { error: { code: -32_602, message: 'initialize first' } }],
    ['a result of another shape', { result: {} }],
    ['only older revisions', { result: { ...discovered, supportedVersions: ['2025-11-25'] } }],
    ['a refusal of the version', { error: { code: -32_022, message: 'no', data: { supported: ['2025-06-18'] } } }],
  ])('a server that answers the question with %s gets a handshake', async (_what, answer) => {
    const { far, opening } = begin()
    far.say({ id: (await far.next('server/discover')).id, ...answer })
    const { id, params } = await far.next('initialize')
    expect(params).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bulkhead', version: '0.1.0' },
    })
    far.say({ id, result: initialised })
    using client = await opening
    expect(client).toMatchObject({ era: 'legacy', revision: '2025-11-25', identity: { name: 'tools' } })
    await far.next('notifications/initialized')
  })

  test('so does one that is silent, and its late answer is dropped', async () => {
    const { far, clock, opening } = begin()
    const question = await far.next('server/discover')
    clock.advance(5000)
    const { id } = await far.next('initialize')
    far.say({ id: question.id, error: { code: -32_601, message: 'late' } }, { id, result: initialised })
    using client = await opening
    expect(client.era).toBe('legacy')
    expect(client.statistics).toMatchObject({ late: 1, unsolicited: 0 })
  })

  test.each([
    ['modern ones', { error: { code: -32_022, message: 'no', data: { supported: ['2027-01-01\n'] } } }],
    ['unknown ones', { result: { ...discovered, supportedVersions: ['1900-01-01'] } }],
  ])('a server that speaks only %s is refused', async (_what, answer) => {
    const { far, opening } = begin()
    far.say({ id: (await far.next('server/discover')).id, ...answer })
    expect(await failure(opening)).toMatchObject({ code: 'protocol.version' })
  })

  test('a legacy server that picks an unknown revision is refused', async () => {
    const { far, opening } = begin({ era: 'legacy' })
    far.say({ id: (await far.next('initialize')).id, result: { ...initialised, protocolVersion: '2031-01-01' } })
    expect(await failure(opening)).toMatchObject({ code: 'protocol.version' })
  })

  test('a server that says nothing at all is given up', async () => {
    const { far, clock, opening } = begin()
    await far.next('server/discover')
    clock.advance(5000)
    await far.next('initialize')
    clock.advance(25_000)
    expect(await failure(opening)).toMatchObject({ code: 'protocol.handshake' })
  })

  test('a legacy server with logging is told the level', async () => {
    const { far, opening } = begin({ era: 'legacy', logLevel: 'info' })
    far.say({ id: (await far.next('initialize')).id, result: initialised })
    const { id, params } = await far.next('logging/setLevel')
    expect(params).toEqual({ level: 'info' })
    far.say({ id, result: {} })
    using client = await opening
    expect(client.era).toBe('legacy')
  })
})

describe('tools', () => {
  const list = async (pages: readonly object[]) => {
    const { far, client } = await openLegacy()
    using _ = client
    const listed = client.listActions({ timeoutMs: 1000 })
    const cursors: unknown[] = []
    void listed.catch(() => {})
    for (const page of pages) {
      const { id, params } = await far.next('tools/list')
      cursors.push(params['cursor'])
      far.say({ id, result: page })
      await turn()
    }
    return { cursors, listed: await listed }
  }

  test('come page by page, and their annotations count for nothing', async () => {
    const { cursors, listed } = await list([
      { tools: [tool('read', { annotations: { readOnlyHint: true }, title: 'Read' })], nextCursor: 'a' },
      { tools: [tool('fs/write', { description: 'Writes.', outputSchema: { type: 'object' } })], nextCursor: null },
    ])
    expect(cursors).toEqual([undefined, 'a'])
    expect(listed).toEqual({
      read: { input: { type: 'object' } },
      fs_write: { description: 'Writes.', input: { type: 'object' }, output: { type: 'object' } },
    })
  })

  test.each<[string, readonly object[]]>([
    ['twice', [{ tools: [tool('a'), tool('a')] }]],
    ['alike but for characters that fall together', [{ tools: [tool('a/b'), tool('a:b')] }]],
    ['alike but for capitals', [{ tools: [tool('Read'), tool('read')] }]],
    ['alike on two pages', [{ tools: [tool('a')], nextCursor: '1' }, { tools: [tool('a')] }]],
    ['without a name', [{ tools: [tool('')] }]],
    ['with a name in another script', [{ tools: [tool('re\u0430d')] }]],
    ['with a long name', [{ tools: [tool('a'.repeat(65))] }]],
    ['with a name of escapes', [{ tools: [tool('a\u001b[2J')] }]],
    ['with the name of the prototype', [{ tools: [tool('__proto__')] }]],
    ['without a schema', [{ tools: [{ name: 'a' }] }]],
    ['for anything', [{ tools: [tool('a', { inputSchema: { type: 'string' } })] }]],
    [
      'without end',
      [
        { tools: [], nextCursor: 'a' },
        { tools: [], nextCursor: 'a' },
      ],
    ],
    [
      'in too great a number on two pages',
      [1, 2].map((page) => ({
        tools: Array.from({ length: 600 }, (_, index) => tool(`a${page}_${index}`)),
        nextCursor: page === 1 ? 'b' : undefined,
      })),
    ],
    ['in too great a number', [{ tools: Array.from({ length: 1001 }, (_, index) => tool(`a${index}`)) }]],
  ])('that are there %s are refused', async (_what, pages) => {
    expect(await failure(list(pages))).toMatchObject({ code: 'output.invalid' })
  })

  const callWith = async (result: object, over: object = {}) => {
    const { far, client } = await openModern()
    using _ = client
    const listed = client.listActions({ timeoutMs: 1000 })
    far.say({ id: (await far.next('tools/list')).id, result: { tools: [tool('fs/run', over)] } })
    await listed
    const output = client.call({ action: 'fs_run', input: { a: 1 }, timeoutMs: 1000 })
    void output.catch(() => {})
    const { id, params } = await far.next('tools/call')
    expect(params).toMatchObject({ name: 'fs/run', arguments: { a: 1 }, _meta: {} })
    far.say({ id, result })
    return output
  }

  test('yield their blocks, without what is said about them', async () => {
    const block = { type: 'text', text: 'done', annotations: { priority: 1 }, _meta: { a: 1 } }
    expect(await callWith({ content: [block], resultType: 'complete', _meta: {} })).toEqual({
      content: [{ type: 'text', text: 'done' }],
    })
  })

  test('yield their structured output where they declare one', async () => {
    const declared = { outputSchema: { type: 'object' } }
    expect(await callWith({ content: [], structuredContent: { n: 1 } }, declared)).toEqual({ n: 1 })
    expect(await failure(callWith({ content: [] }, declared))).toMatchObject({ code: 'output.invalid' })
  })

  test('that fail, or ask for something, fail', async () => {
    const failed = { content: [{ type: 'text', text: 'no\nluck' }], isError: true }
    expect(await failure(callWith(failed))).toMatchObject({
      code: 'plugin.failed',
      message: String.raw`fs_run failed: no\x0aluck`,
    })
    const asks = {
      resultType: 'input_required',
      inputRequests: { a: { method: 'sampling/createMessage', params: {} } },
    }
    expect(await failure(callWith(asks))).toMatchObject({ code: 'plugin.failed' })
    expect(await failure(callWith({ resultType: 'task', content: [] }))).toMatchObject({ code: 'output.invalid' })
    expect(await failure(callWith({ content: [{ type: 'script', text: 'x' }] }))).toMatchObject({
      code: 'output.invalid',
    })
    expect(await failure(callWith({ content: 'text' }))).toMatchObject({ code: 'output.invalid' })
  })

  test('that were not listed cannot be called, nor with what is no object', async () => {
    const { far, client } = await openLegacy()
    using _ = client
    const call = (action: string, input: never) => failure(client.call({ action, input, timeoutMs: 1000 }))
    expect(await call('constructor', {} as never)).toMatchObject({ code: 'action.unknown' })
    const listed = client.listActions({ timeoutMs: 1000 })
    far.say({ id: (await far.next('tools/list')).id, result: { tools: [tool('run')] } })
    await listed
    expect(await call('run', [] as never)).toMatchObject({ code: 'input.invalid' })
    expect(await call('run', 'x' as never)).toMatchObject({ code: 'input.invalid' })
  })

  test('are cancelled in the words of the protocol', async () => {
    const { far, clock, client } = await openLegacy()
    using _ = client
    const listed = client.listActions({ timeoutMs: 1000 })
    far.say({ id: (await far.next('tools/list')).id, result: { tools: [tool('run')] } })
    await listed
    const controller = new AbortController()
    const call = failure(client.call({ action: 'run', input: null, timeoutMs: 1000, signal: controller.signal }))
    const { id, params } = await far.next('tools/call')
    expect(params).toEqual({ name: 'run', arguments: {} })
    controller.abort()
    expect(await call).toMatchObject({ code: 'call.cancelled' })
    expect((await far.next('notifications/cancelled')).params).toEqual({ requestId: id })
    const slow = failure(client.call({ action: 'run', input: null, timeoutMs: 1000 }))
    await far.next('tools/call')
    clock.advance(1000)
    expect(await slow).toMatchObject({ code: 'limit.time' })
  })
})

describe('what a server says and asks', () => {
  test.each(['sampling/createMessage', 'roots/list', 'elicitation/create'])('%s is refused', async (method) => {
    const { far, client } = await openLegacy()
    using _ = client
    far.say({ id: 1, method, params: {} })
    expect(await far.answer(1)).toMatchObject({ error: { code: -32_601 } })
  })

  test('a ping is answered, also before the handshake is over', async () => {
    const { far, opening } = begin()
    await far.next('server/discover')
    far.say({ id: 7, method: 'ping' })
    expect(await far.answer(7)).toMatchObject({ result: {} })
    far.end()
    expect(await failure(opening)).toMatchObject({ code: 'plugin.crashed' })
  })

  test('log lines are escaped, whatever they are made of', async () => {
    const { far, lines, client } = await openLegacy()
    using _ = client
    const say = (params: object) => far.say({ method: 'notifications/message', params })
    say({ level: 'warning', logger: 'a\n', data: 'b\u001b[2J' })
    say({ level: 'emergency', data: { text: 'c\nd', e: '\u202e' } })
    say({ level: 'notice' })
    await turn()
    expect(lines).toEqual([
      String.raw`warn a\x0a: b\x1b[2J`,
      String.raw`error {"text":"c\nd","e":"\u{202e}"}`,
      'info null',
    ])
  })

  test('a changed list is told, progress is not heard', async () => {
    let changes = 0
    const { far, client } = await openLegacy({ onToolsChanged: () => void changes++ })
    using _ = client
    far.say({ method: 'notifications/tools/list_changed' })
    far.say({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
    await turn()
    expect(changes).toBe(1)
    expect(client.statistics.unheard).toBe(1)
  })

  test('a banner is put up with', async () => {
    const { far, lines, opening } = begin()
    far.write('Server running on stdio\n')
    far.say({ id: (await far.next('server/discover')).id, result: discovered })
    using client = await opening
    expect(client.era).toBe('modern')
    expect(lines[0]).toContain('Server running on stdio')
  })

  test('it is asked whether it lives', async () => {
    const modern = await openModern()
    const pinged = modern.client.ping(1000)
    modern.far.say({ id: (await modern.far.next('server/discover')).id, result: discovered })
    await pinged
    modern.client[Symbol.dispose]()
    const legacy = await openLegacy()
    const again = legacy.client.ping(1000)
    legacy.far.say({ id: (await legacy.far.next('ping')).id, result: {} })
    await again
    legacy.client[Symbol.dispose]()
  })
})
