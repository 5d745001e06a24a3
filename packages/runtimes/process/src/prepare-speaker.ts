// Which protocol has which speaker.

import type { PreparedSpeaker, SpeakerOptions } from './speaker.ts'
import { prepareGoPlugin } from './speaker-go-plugin.ts'
import { prepareJsonRpc } from './speaker-jsonrpc.ts'
import { prepareMcp } from './speaker-mcp.ts'

/** Prepares to speak with one program, before it is started. */
export const prepareSpeaker = async (options: SpeakerOptions): Promise<PreparedSpeaker> => {
  switch (options.protocol) {
    case 'jsonrpc':
      return prepareJsonRpc(options)
    case 'mcp':
      return prepareMcp(options)
    case 'go-plugin':
      return await prepareGoPlugin(options)
  }
}
