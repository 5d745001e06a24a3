// Takes a schema from a stranger: copies it once into frozen plain data within the caps, so that nothing that the
// stranger holds can change it afterwards, and no getter or prototype of his is ever asked again.

import { BulkheadError } from '../errors.ts'
import type { Json } from '../json.ts'
import { schemaCaps } from './node.ts'

const refuse = (message: string): never => {
  throw new BulkheadError('schema.invalid', `the schema ${message}`)
}

/**
 * Copies a schema. Objects of the copy have no prototype.
 * @throws BulkheadError `schema.invalid`: not JSON, larger than 64 KiB when written out, nested deeper than 64
 */
export const copySchema = (schema: unknown): Json => {
  let length = 0
  const pay = (bytes: number) => {
    length += bytes
    if (length > schemaCaps.maxBytes) refuse(`is larger than ${schemaCaps.maxBytes / 1024} KiB`)
  }
  const payText = (text: string) => {
    pay(text.length)
    pay(utf8Length(text) - text.length + 2)
  }
  const copy = (value: unknown, depth: number): Json => {
    if (depth > schemaCaps.maxDepth) refuse(`nests deeper than ${schemaCaps.maxDepth} levels`)
    if (value === null || typeof value === 'boolean') {
      pay(4)
      return value
    }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) refuse('holds a number that JSON cannot express')
      pay(String(value).length)
      return value
    }
    if (typeof value === 'string') {
      payText(value)
      return value
    }
    if (Array.isArray(value)) {
      pay(2 + value.length)
      return Object.freeze(value.map((member: unknown) => copy(member, depth + 1)))
    }
    if (typeof value !== 'object' || !isPlain(value)) return refuse('holds something that is not JSON')
    pay(2)
    const table = Object.create(null) as Record<string, Json>
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key]
      if (member === undefined) continue
      payText(key)
      pay(2)
      table[key] = copy(member, depth + 1)
    }
    return Object.freeze(table)
  }
  return copy(schema, 0)
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype as object) === null
}

const utf8Length = (text: string): number => {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    // A surrogate is half of four bytes.
    if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return length
}
