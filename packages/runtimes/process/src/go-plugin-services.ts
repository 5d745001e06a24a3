// The services of a go-plugin beside its tools, as actions of the plugin: `provider.*` for language models, `channel.*` for
// messages. Streams are collected, within the limit on output: an action has one answer.

import { type ActionSpec, BulkheadError, escapeLine, type Json, type JsonObject } from '@bulkhead/kernel'
import {
  type CallNotice,
  type CallOptions,
  type Connection,
  chat,
  chatStream,
  type InboundMessage,
  listModels,
  sendMessage,
} from '@bulkhead/go-plugin'
import { z } from 'zod'
import { makeInbox } from './go-plugin-inbox.ts'

/** One call of such an action. */
export interface ServiceCall extends CallNotice {
  readonly input: Json
  readonly options: CallOptions & { readonly signal: AbortSignal }
}

/** An action that stands for a method of a service. */
export interface ServiceAction {
  readonly spec: ActionSpec
  /** Nothing runs in the plugin for one call of it, so a call that is taken back leaves nothing behind. */
  readonly isIdle?: true
  /** @throws BulkheadError `input.invalid`, `limit.output`, and as the method */
  run(call: ServiceCall): Promise<Json>
}

/** Most pieces or messages that one call collects. */
const mostPieces = 65_536
const mostMessages = 1000
/** What a piece takes in the answer beside its text, bytes. */
const pieceBytes = 16

const Nothing = z.union([z.null(), z.strictObject({})])
const Conversation = z.strictObject({
  model: z.string().max(256),
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .min(1)
    .max(10_000),
})
const Outbound = z.strictObject({ conversation: z.string().max(512), text: z.string() })
const Wanted = z.union([
  z.null(),
  z.strictObject({
    most: z.int().min(1).max(mostMessages).optional(),
    waitMs: z.int().min(0).max(3_600_000).optional(),
  }),
])
/** How many messages a call hands on when it does not say. */
const usualMessages = 100

const usage = {
  type: 'object',
  properties: { inputTokens: { type: 'integer' }, outputTokens: { type: 'integer' } },
} as const
const message = {
  type: 'object',
  properties: Object.fromEntries(['conversation', 'sender', 'text', 'id'].map((name) => [name, { type: 'string' }])),
} as const

const action = <T extends z.ZodType>(
  parts: { readonly input: T; readonly output: JsonObject; readonly description: string },
  run: (input: z.output<T>, call: ServiceCall) => Promise<Json>,
): ServiceAction => ({
  spec: {
    description: parts.description,
    input: z.toJSONSchema(parts.input, { io: 'input' }) as JsonObject,
    output: parts.output,
  },
  run: async (call) => {
    const parsed = parts.input.safeParse(call.input)
    if (parsed.success) return await run(parsed.data, call)
    throw new BulkheadError('input.invalid', escapeLine(z.prettifyError(parsed.error), 500))
  },
})

/** The actions of the services that a plugin serves, over its connection; what they collect stays within so many bytes. */
export const serviceActions = (
  connection: Connection,
  services: readonly string[],
  maxOutputBytes: number,
): ReadonlyMap<string, ServiceAction> => {
  const made = new Map<string, ServiceAction>()
  if (services.includes('provider'))
    for (const [name, one] of provider(connection, maxOutputBytes)) made.set(`provider.${name}`, one)
  if (services.includes('channel'))
    for (const [name, one] of channel(connection, maxOutputBytes)) made.set(`channel.${name}`, one)
  return made
}

const provider = (connection: Connection, maxOutputBytes: number): [string, ServiceAction][] => [
  [
    'models',
    action(
      {
        description: 'Names the language models that the plugin offers.',
        input: Nothing,
        output: { type: 'array', items: { type: 'string' } },
      },
      (_, { input: _input, options, ...notice }) => listModels(connection, notice, options),
    ),
  ],
  [
    'chat',
    action(
      {
        description: 'Has a model answer.',
        input: Conversation,
        output: { type: 'object', properties: { text: { type: 'string' }, usage }, required: ['text'] },
      },
      async (request, { input: _, options, ...notice }) => ({
        ...(await chat(connection, { ...notice, ...request }, options)),
      }),
    ),
  ],
  [
    'chat-stream',
    action(
      {
        description: 'Has a model answer in pieces, all of which are handed on at the end.',
        input: Conversation,
        output: {
          type: 'object',
          properties: { pieces: { type: 'array', items: { type: 'string' } }, usage },
          required: ['pieces'],
        },
      },
      async (request, { input: _, options, ...notice }) => {
        const pieces: string[] = []
        let last: JsonObject = {}
        let left = maxOutputBytes
        for await (const piece of chatStream(connection, { ...notice, ...request }, options)) {
          left -= Buffer.byteLength(piece.text) + pieceBytes
          if (left < 0 || pieces.length >= mostPieces)
            throw new BulkheadError('limit.output', 'the model’s answer is longer than the limit on output')
          pieces.push(piece.text)
          if (piece.usage !== undefined) last = { usage: { ...piece.usage } }
        }
        return { pieces, ...last }
      },
    ),
  ],
]

const channel = (connection: Connection, maxOutputBytes: number): [string, ServiceAction][] => {
  const inbox = makeInbox(connection)
  return [
    [
      'send',
      action(
        {
          description: 'Sends a message, and tells the service’s id of it.',
          input: Outbound,
          output: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
        },
        async (request, { input: _, options, ...notice }) => ({
          id: await sendMessage(connection, { ...notice, ...request }, options),
        }),
      ),
    ],
    [
      'receive',
      {
        isIdle: true,
        ...action(
          {
            description: 'Hands on messages that arrived since the last time, and waits for the first up to waitMs.',
            input: Wanted,
            output: { type: 'array', items: message },
          },
          async (wanted, { options }) => {
            const { most = usualMessages, waitMs = 0 } = wanted ?? {}
            const messages: InboundMessage[] = []
            let left = maxOutputBytes
            while (messages.length < most) {
              const next = await inbox.next({ waitMs: messages.length === 0 ? waitMs : 0, signal: options.signal })
              if (next === undefined) break
              left -= Buffer.byteLength(JSON.stringify(next)) + 1
              // One alone that is too large is for the limit on output to refuse.
              if (left < 1 && messages.length > 0) {
                inbox.putBack(next)
                break
              }
              messages.push(next)
            }
            return messages
          },
        ),
      },
    ],
  ]
}
