// The clients of the published services against a plugin of this test's making: what they take, and what they refuse.

import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { makeIdentity } from './certificate.ts'
import { receiveMessages, sendMessage } from './channel.ts'
import { type Connection, openConnection } from './connection.ts'
import { drainPlugin, initializePlugin } from './lifecycle.ts'
import { chat, listModels } from './provider.ts'
import { openService, type ServedMethods } from './served-service.ts'
import { executeTool, listTools } from './tool.ts'

const plugin = await makeIdentity()
const host = await makeIdentity()
const bounds = { maxMessageBytes: 4 * 1024 * 1024 }

const withService = async <T>(
  name: string,
  methods: ServedMethods,
  work: (connection: Connection) => Promise<T>,
): Promise<T> => {
  using folder = openFolder()
  const path = join(folder.path, 'service')
  const certificateOf = ({ certificatePem }: typeof host) => new X509Certificate(certificatePem).raw
  await using _ = await openService({
    path,
    service: `bulkhead.plugin.v1.${name}`,
    methods,
    trust: { identity: plugin, certificate: certificateOf(host) },
    bounds,
  })
  using connection = openConnection(
    { network: 'unix', path },
    { identity: host, certificate: certificateOf(plugin) },
    bounds,
  )
  return await work(connection)
}

const lists = (...tools: object[]) => withService('Tool', { ListTools: async () => ({ tools }) }, listTools)
const executes = (response: object) =>
  withService('Tool', { Execute: async () => response }, (connection) =>
    executeTool(connection, { call: 'c', tool: 't', inputJson: '{}' }),
  )

describe('tools', () => {
  test('are listed with their schemas and the risk that the plugin names', async () => {
    const schema = Buffer.from('{"type":"string"}')
    expect(await lists({ name: 'a', output_schema_json: schema, risk: 'RISK_DANGEROUS' }, { name: 'b' })).toEqual([
      { name: 'a', description: '', outputSchema: { type: 'string' }, risk: 'dangerous' },
      { name: 'b', description: '' },
    ])
  })

  test.each([
    ['two of one name', [{ name: 'a' }, { name: 'a' }], 'protocol.violation'],
    ['one without a name', [{}], 'protocol.violation'],
    ['a name with a line end', [{ name: 'a\nb' }], 'protocol.violation'],
    ['a name that is a path', [{ name: '../a' }], 'protocol.violation'],
    ['a schema that is no JSON', [{ name: 'a', input_schema_json: Buffer.from('{') }], 'output.invalid'],
    ['a schema that is no UTF-8', [{ name: 'a', input_schema_json: Buffer.of(0x22, 0xff, 0x22) }], 'output.invalid'],
    [
      'a schema that is too deep',
      [{ name: 'a', input_schema_json: Buffer.from('['.repeat(100) + ']'.repeat(100)) }],
      'output.invalid',
    ],
    ['a schema that is too large', [{ name: 'a', input_schema_json: Buffer.alloc(65_537, '1') }], 'protocol.violation'],
    ['more than are taken', Array.from({ length: 257 }, (_, index) => ({ name: `t${index}` })), 'limit.output'],
    [
      'more bytes than are taken',
      Array.from({ length: 20 }, (_, index) => ({ name: `t${index}`, input_schema_json: Buffer.alloc(60_000, '1') })),
      'limit.output',
    ],
  ])('that are %s are refused', async (_, tools, code) => {
    await expect(lists(...tools)).rejects.toMatchObject({ code })
  })

  test('hand on their output, and nothing that is not JSON', async () => {
    expect(await executes({ output_json: Buffer.from('[1,null]') })).toEqual([1, null])
    await expect(executes({ output_json: Buffer.from('') })).rejects.toMatchObject({ code: 'output.invalid' })
    await expect(executes({ output_json: Buffer.from('[1') })).rejects.toMatchObject({ code: 'output.invalid' })
    await expect(executes({})).rejects.toMatchObject({ code: 'protocol.violation' })
  })

  test('cannot raise an error of the host’s: code and id are facts about the plugin’s failure', async () => {
    const failure = { code: 'capability.denied', message: 'no\u001b[2Jway', host_error_id: 'id\n1' }
    await expect(executes({ failure })).rejects.toMatchObject({
      code: 'plugin.failed',
      message: 'no\\x1b[2Jway',
      details: { guestCode: 'capability.denied', hostErrorId: 'id\\x0a1' },
    })
  })
})

describe('the lifecycle', () => {
  const greets = (response: object) =>
    withService(
      'PluginLifecycle',
      { Initialize: async () => response, Drain: async () => ({}) },
      async (connection) => {
        await drainPlugin(connection)
        return await initializePlugin(connection, { hostVersion: '1', configJson: '{}' })
      },
    )

  test('begins with a greeting', async () => {
    const greeting = { name: 'p', version: '1.0.0', services: ['tool', 'channel'] }
    expect(await greets(greeting)).toEqual(greeting)
  })

  test.each([{ name: '' }, { name: 'p', services: ['root'] }, { name: 'x'.repeat(200) }])(
    'refuses %j',
    async (response) => {
      await expect(greets(response)).rejects.toMatchObject({ code: 'protocol.violation' })
    },
  )
})

test('a provider lists its models and answers', async () => {
  const asked: unknown[] = []
  const methods: ServedMethods = {
    ListModels: async () => ({ models: ['small', 'large'] }),
    Chat: async (request) => {
      asked.push(request)
      return { text: 'Hello.', usage: { input_tokens: 3, output_tokens: 2 } }
    },
  }
  const request = {
    call: 'c',
    deadlineMs: 1_500.2,
    model: 'small',
    messages: [{ role: 'user', content: 'Hi.' }],
  } as const
  await withService('Provider', methods, async (connection) => {
    expect(await listModels(connection, { call: 'c' })).toEqual(['small', 'large'])
    const usage = { inputTokens: 3, outputTokens: 2 }
    expect(await chat(connection, request)).toEqual({ text: 'Hello.', usage })
    expect(asked).toEqual([{ call: 'c', deadline_ms: 1_501, model: 'small', messages: request.messages }])
  })
})

test('a channel sends; one that does not serve what is asked breaks the protocol', async () => {
  await withService('Channel', { Send: async () => ({ id: 'm1' }) }, async (connection) => {
    expect(await sendMessage(connection, { call: 'c', conversation: 'room', text: 'Hi.' })).toBe('m1')
    await expect(receiveMessages(connection).next()).rejects.toMatchObject({ code: 'protocol.violation' })
  })
})
