// Input and output of a call as a module sees them: bytes.

import type { GuestCall } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { payloadToJson } from './host-functions.ts'
import { strictTextOf, utf8 } from './text.ts'

/** The input as bytes; a value as JSON text. */
export const inputBytes = (call: GuestCall): Uint8Array =>
  call.input.kind === 'raw' ? call.input.bytes : utf8(payloadToJson(call.input.payload, 'the input'))

/** The output as what should be JSON text (whoever reads it will see); an empty one is `null`. @throws BulkheadError `output.invalid` */
export const outputJson = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return 'null'
  try {
    return strictTextOf(bytes)
  } catch (cause) {
    throw new BulkheadError('output.invalid', 'the plugin returned something that is not UTF-8, and so no JSON', {
      hint: 'Ask for raw output (--raw) if the plugin returns text or bytes.',
      cause,
    })
  }
}
