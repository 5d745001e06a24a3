// A program that speaks the plugin dialect of JSON-RPC on its standard streams (docs/reference/process-protocol.md).

import { openProcessPlugin } from '@bulkhead/protocols'
import type { PreparedSpeaker, SpeakerOptions } from './speaker.ts'
import { streamOptions } from './speaker-streams.ts'

/** See {@link PreparedSpeaker}. */
export const prepareJsonRpc = (options: SpeakerOptions): PreparedSpeaker => ({
  environment: {},
  open: async (confined) => {
    const plugin = await openProcessPlugin({
      ...streamOptions(confined, options),
      host: { name: 'bulkhead', version: options.hostVersion },
      plugin: { name: options.name, version: options.version },
      functions: options.functions,
      config: options.config,
    })
    return {
      listActions: (timeoutMs) => plugin.listActions({ timeoutMs }),
      call: (call) => plugin.call(call),
      ping: (timeoutMs) => plugin.ping(timeoutMs),
      shutdown: (timeoutMs) => plugin.shutdown(timeoutMs),
      closed: plugin.closed,
      [Symbol.dispose]: () => plugin[Symbol.dispose](),
    }
  },
})
