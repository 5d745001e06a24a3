// The client's side of bulkhead.plugin.v1.Channel: a plugin that carries messages between people and the host.

import { z } from 'zod'
import { type CallNotice, type CallOptions, noticeFields } from './call.ts'
import type { Connection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { parseAnswer } from './parse-answer.ts'

const service = 'bulkhead.plugin.v1.Channel'
const maxIdCharacters = 512

const id = z.string().max(maxIdCharacters)
const InboundMessage = z.object({ conversation: id, sender: id, text: z.string(), id })
const SendResponse = z.object({ id })

/** A message that somebody sent; all of it is that person's, or the plugin's, word. */
export type InboundMessage = z.infer<typeof InboundMessage>

/** A message to be sent. */
export interface OutboundMessage extends CallNotice {
  readonly conversation: string
  readonly text: string
}

/** Messages as they arrive, until the loop is left. @throws BulkheadError `protocol.violation`; as {@link Connection.stream} */
export async function* receiveMessages(
  connection: Connection,
  options: CallOptions = {},
): AsyncGenerator<InboundMessage, void, undefined> {
  const method = methodOf(service, 'Receive')
  for await (const message of connection.stream(method, {}, options)) yield parseAnswer(InboundMessage, message, method)
}

/** Sends a message and yields the service's id of it. @throws BulkheadError `protocol.violation`; as {@link Connection.call} */
export const sendMessage = async (
  connection: Connection,
  { conversation, text, ...notice }: OutboundMessage,
  options: CallOptions = {},
): Promise<string> => {
  const method = methodOf(service, 'Send')
  const message = { ...noticeFields(notice), conversation, text }
  return parseAnswer(SendResponse, await connection.call(method, message, options), method).id
}
