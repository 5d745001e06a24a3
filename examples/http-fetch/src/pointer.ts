// JSON Pointer: the way to one value of a document. Source: RFC 6901.

import { PluginError } from '@bulkhead/sdk'
import type { JsonValue } from '@bulkhead/sdk'

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const step = (value: JsonValue, token: string): JsonValue | undefined => {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined
  return isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined
}

/**
 * The value at a pointer: `''` is the whole document, `/items/0/name` a value inside.
 *
 * @throws PluginError `pointer` when the pointer is malformed or leads nowhere
 */
export const resolvePointer = (document: JsonValue, pointer: string): JsonValue => {
  if (pointer === '') return document
  if (!pointer.startsWith('/')) throw new PluginError('a JSON Pointer starts with / or is empty', { code: 'pointer' })
  let value = document
  for (const token of pointer.slice(1).split('/')) {
    const next = step(value, token.replace(/~1/g, '/').replace(/~0/g, '~'))
    if (next === undefined) throw new PluginError(`the document has nothing at ${pointer}`, { code: 'pointer' })
    value = next
  }
  return value
}
