// A program that is an MCP server on its standard streams. It makes no host calls: all that it has is what its sandbox gives it.

import { BulkheadError, type Json, type WireValue } from '@bulkhead/kernel'
import { openMcpClient } from '@bulkhead/protocols'
import type { PreparedSpeaker, SpeakerOptions } from './speaker.ts'
import { streamOptions } from './speaker-streams.ts'

/** See {@link PreparedSpeaker}. */
export const prepareMcp = (options: SpeakerOptions): PreparedSpeaker => ({
  environment: {},
  open: async (confined) => {
    const client = await openMcpClient({
      ...streamOptions(confined, options),
      client: { name: 'bulkhead', version: options.hostVersion },
      logLevel: 'info',
    })
    try {
      // Only tools that were listed can be called.
      const actions = await client.listActions({ timeoutMs: options.timeoutMs })
      return {
        listActions: async () => actions,
        call: async ({ action, input, timeoutMs, signal }) =>
          client.call({ action, input: jsonOf(input), timeoutMs, ...(signal === undefined ? {} : { signal }) }),
        ping: (timeoutMs) => client.ping(timeoutMs),
        shutdown: async () => client.endInput(),
        closed: client.closed,
        [Symbol.dispose]: () => client[Symbol.dispose](),
      }
    } catch (thrown) {
      client[Symbol.dispose]()
      throw thrown
    }
  },
})

/** MCP has no byte strings. @throws BulkheadError `input.invalid` */
const jsonOf = (input: WireValue): Json => {
  if (input instanceof Uint8Array) {
    throw new BulkheadError('input.invalid', 'a tool of an MCP server takes a JSON object, not bytes')
  }
  return JSON.parse(JSON.stringify(input)) as Json
}
