// The client's side of bulkhead.plugin.v1.Provider: a plugin that offers language models.

import { z } from 'zod'
import { type CallNotice, type CallOptions, noticeFields } from './call.ts'
import type { Connection } from './connection.ts'
import { type Method, methodOf } from './definitions.ts'
import { parseAnswer } from './parse-answer.ts'

const service = 'bulkhead.plugin.v1.Provider'
const maxModels = 1_024

const ListModelsResponse = z.object({ models: z.array(z.string().min(1).max(256)).max(maxModels) })

const Usage = z
  .object({ input_tokens: z.int(), output_tokens: z.int() })
  .transform(({ input_tokens: inputTokens, output_tokens: outputTokens }) => ({ inputTokens, outputTokens }))

const ChatAnswer = z
  .object({ text: z.string(), usage: Usage.nullable() })
  .transform(({ text, usage }) => (usage === null ? { text } : { text, usage }))

/** What a model wrote, or a piece of it; with the tokens it took, as the plugin counts them. */
export type ChatAnswer = z.infer<typeof ChatAnswer>

/** A conversation to be continued. */
export interface ChatRequest extends CallNotice {
  readonly model: string
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[]
}

const messageOf = ({ model, messages, ...notice }: ChatRequest): object => ({
  ...noticeFields(notice),
  model,
  messages,
})

/** Asks for the names of the models. @throws BulkheadError `protocol.violation`; as {@link Connection.call} */
export const listModels = async (
  connection: Connection,
  notice: CallNotice,
  options: CallOptions = {},
): Promise<string[]> => {
  const method = methodOf(service, 'ListModels')
  const answer = await connection.call(method, noticeFields(notice), { maxFields: maxModels, ...options })
  return parseAnswer(ListModelsResponse, answer, method).models
}

/** Has a model answer. @throws BulkheadError `protocol.violation`; as {@link Connection.call} */
export const chat = async (
  connection: Connection,
  request: ChatRequest,
  options: CallOptions = {},
): Promise<ChatAnswer> => {
  const method: Method = methodOf(service, 'Chat')
  return parseAnswer(ChatAnswer, await connection.call(method, messageOf(request), options), method)
}

/** Has a model answer in pieces. @throws BulkheadError `protocol.violation`; as {@link Connection.stream} */
export async function* chatStream(
  connection: Connection,
  request: ChatRequest,
  options: CallOptions = {},
): AsyncGenerator<ChatAnswer, void, undefined> {
  const method = methodOf(service, 'ChatStream')
  for await (const piece of connection.stream(method, messageOf(request), options))
    yield parseAnswer(ChatAnswer, piece, method)
}
