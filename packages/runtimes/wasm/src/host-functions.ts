// Every host function as an import `(i64) -> i64` over memory blocks: JSON in, `{"ok":…}` or `{"error":…}` out. The
// same functions stand in `bulkhead:host` and, for Extism PDKs, in `extism:host/user`.

import type { WasmImportValue } from '@bulkhead/cell'
import {
  BulkheadError,
  defaultJsonCaps,
  encodeBase64,
  type ErrorCode,
  errorFromWire,
  type Json,
  type Payload,
  parseJson,
  unpackPayload,
} from '@bulkhead/kernel/wire'
import type { CallState } from './call-state.ts'
import type { Blocks } from './extism/blocks.ts'
import type { Guard } from './import-guard.ts'
import { utf8 } from './text.ts'

/** Errors after which a guest must not go on: it would only meet them again. The others are the guest's to handle. */
const endsCall: ReadonlySet<ErrorCode> = new Set([
  'limit.host-calls',
  'limit.time',
  'limit.cpu',
  'call.cancelled',
  'host.closed',
])

/** Import name of a host function: dots become underscores, for most languages cannot import a dotted name. */
export const importName = (name: string): string => name.replaceAll('.', '_')

/** JSON text of a payload; byte strings become base64. */
export const payloadToJson = (payload: Payload, what: string): string =>
  payload.blobs === undefined || payload.blobs.length === 0
    ? payload.json
    : JSON.stringify(unpackPayload(payload, what), (_key, member: unknown) =>
        member instanceof Uint8Array ? encodeBase64(member) : member,
      )

/** Makes the imports for the named host functions. */
export const makeHostFunctions = (
  names: readonly string[],
  parts: { readonly blocks: Blocks; readonly state: CallState; readonly guard: Guard },
): Record<string, WasmImportValue> => {
  const { blocks, state, guard } = parts
  const functions: [string, WasmImportValue][] = names.flatMap((name) => {
    const run = guard.waiting(async (offset) => {
      const at = Number(offset ?? 0)
      const input = at === 0 ? '' : blocks.readText(at, `the input of ${name}`, defaultJsonCaps.maxLength)
      if (input === undefined) {
        throw new BulkheadError('plugin.trap', `the plugin passed ${name} an input that is no memory block`)
      }
      const reply = await state.call.dispatch(name, { json: input === '' ? 'null' : input })
      if (!reply.ok && endsCall.has(reply.error.code)) throw errorFromWire(reply.error)
      const answer = reply.ok
        ? `{"ok":${payloadToJson(reply.payload, `the output of ${name}`)}}`
        : JSON.stringify({ error: reply.error })
      return BigInt(blocks.store(utf8(answer)))
    })
    return [
      [importName(name), run],
      [name, run],
    ] satisfies [string, WasmImportValue][]
  })
  return Object.fromEntries(functions)
}

/**
 * The id of a host error inside an error text of the guest: `{"id":…}` or `{"error":{"id":…}}`, as the imports hand
 * errors out. Only the id counts; the host looks up what it stands for.
 */
export const hostErrorId = (text: string): string | undefined => {
  if (!text.startsWith('{') || text.length > 65_536) return undefined
  let value: Json
  try {
    value = parseJson(text, 'an error')
  } catch {
    return undefined
  }
  const member = (from: Json | undefined, name: string): Json | undefined =>
    typeof from === 'object' && from !== null && !Array.isArray(from) && Object.hasOwn(from, name)
      ? (from as Record<string, Json>)[name]
      : undefined
  const id = member(member(value, 'error') ?? value, 'id')
  return typeof id === 'string' ? id : undefined
}
