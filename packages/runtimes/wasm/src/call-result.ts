// What a guest left behind as its call returned: output, error text or exit code.

import type { GuestCall, GuestResult } from '@bulkhead/cell'
import type { Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { outputJson } from './call-bytes.ts'
import type { CallState } from './call-state.ts'
import type { Blocks } from './extism/blocks.ts'
import { hostErrorId } from './host-functions.ts'
import { textOf } from './text.ts'

/** Where it is left. */
export interface ResultParts {
  readonly blocks: Blocks
  readonly state: CallState
  readonly limits: Pick<Limits, 'outputBytes'>
}

/** Most bytes of an error text. */
const longestError = 64 * 1024

/** Reads it. @throws BulkheadError `plugin.failed` for an error or another code than 0, `plugin.trap`, `limit.output`, `output.invalid` */
export const readResult = (call: GuestCall, returned: unknown, parts: ResultParts): GuestResult => {
  const code = Number(returned ?? 0)
  if (code !== 0 || parts.state.error !== 0) throw pluginError(call.action, code, parts)
  // Text is made of the bytes where they lie; bytes are the caller's to keep.
  if (call.output === 'raw') return { output: { kind: 'raw', bytes: outputBytes(parts, 'copy') } }
  return { output: { kind: 'value', payload: { json: outputJson(outputBytes(parts, 'look')) } } }
}

const pluginError = (action: string, code: number, { blocks, state }: ResultParts): BulkheadError => {
  const bytes = blocks.readStart(state.error, longestError)
  if (bytes === undefined) return new BulkheadError('plugin.failed', `${action} returned ${code}`)
  const text = textOf(bytes)
  const id = hostErrorId(text)
  return new BulkheadError('plugin.failed', text, id === undefined ? {} : { id })
}

const outputBytes = ({ blocks, state, limits }: ResultParts, take: 'copy' | 'look'): Uint8Array => {
  const { output, stdout } = state
  if (output === undefined) return stdout.bytes
  const most = limits.outputBytes
  if (output.length > most) {
    throw new BulkheadError('limit.output', `the output is ${output.length} bytes; at most ${most} are taken`)
  }
  const bytes = blocks[take](output.offset, output.length)
  if (bytes === undefined) {
    throw new BulkheadError('plugin.trap', 'the plugin set an output that lies outside its memory blocks')
  }
  return bytes
}
