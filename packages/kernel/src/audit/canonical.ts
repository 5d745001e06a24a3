// One text for one value, so that a hash over it is stable, and the cut that keeps an event small. The text is pure
// ASCII: no byte of a log file can be changed into another spelling of the same character.

import { maxCanonicalScopeLength, maxNameLength } from '../capability/parse.ts'
import type { Json, JsonObject } from '../json.ts'
import type { AuditEvent } from './record.ts'

const notAscii = /[\u007f-\uffff]/g
/** What stands for itself between quotes: printable ASCII but quote and backslash. */
const plain = /^[ !#-[\]-~]*$/
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

// JSON.stringify escapes control characters and lone surrogates; halves of a pair are escaped one by one here.
const text = (value: string): string =>
  plain.test(value) ? `"${value}"` : JSON.stringify(value).replace(notAscii, escapeUnit)

/** Length of a text as {@link canonicalJson} writes it, or a little more. */
export const canonicalLength = (value: string): number => 2 + (plain.test(value) ? value.length : value.length * 6)

/**
 * JSON with sorted keys (by UTF-16 code units, as RFC 8785), no spaces, and everything beyond ASCII escaped. Members
 * that are undefined are left out; what JSON cannot say becomes null. For values of bounded depth only.
 */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${text(key)}:${canonicalJson(member)}`).join(',')}}`
}

/**
 * Caps on one event. A record is some kilobytes, whatever a plugin put into its arguments, and never as long as a line
 * that is still read: `listBytes` bounds each list as it is written, since a character may take six bytes there.
 */
const caps = { textLength: 2000, listLength: 64, listBytes: 256 * 1024, depth: 8, members: 64, detailsLength: 8000 }
/** A capability that the gate can allow stands in its record whole: padding must not hide which file or address it was. */
const capabilityCaps = { length: maxNameLength + 1 + maxCanonicalScopeLength, listLength: 256 }

/** The names of an event's fields that come before `hash` in a record, and those that come after, as they are sorted. */
const fieldsBeforeHash = ['action', 'callId', 'capabilities', 'chain', 'details', 'function'] as const
const fieldsAfterHash = [
  'plugin',
  'prev',
  'principal',
  'result',
  'risk',
  'seq',
  'time',
  'type',
  'user',
  'why',
  'workspace',
] as const

/** A record that has everything but its hash. */
export type UnsealedRecord = AuditEvent & {
  readonly seq: number
  readonly id: string
  readonly time: number
  readonly prev: string
}

const fields = (record: UnsealedRecord, names: readonly (keyof UnsealedRecord)[]): string => {
  let written = ''
  for (const name of names) {
    const value = record[name]
    if (value !== undefined) written += `"${name}":${canonicalJson(value)},`
  }
  return written
}

/**
 * The canonical JSON of a record, without its hash, and with it once it is known: the same texts as
 * {@link canonicalJson} gives, without sorting the known fields each time.
 */
export const canonicalRecord = (record: UnsealedRecord): { readonly body: string; seal(hash: string): string } => {
  const before = fields(record, fieldsBeforeHash)
  // The type of a record is always there, so something follows `id` and the last comma can go.
  const after = `"id":${text(record.id)},${fields(record, fieldsAfterHash)}`.slice(0, -1)
  return { body: `{${before}${after}}`, seal: (hash) => `{${before}"hash":${text(hash)},${after}}` }
}

const cut = (value: string, length = caps.textLength): string =>
  value.length > length ? `${value.slice(0, length)}…` : value

const cutList = (
  values: readonly string[],
  { length = caps.textLength, listLength = caps.listLength } = {},
): string[] => {
  const kept: string[] = []
  let bytes = 0
  for (const value of values.slice(0, listLength)) {
    const short = cut(value, length)
    bytes += canonicalLength(short)
    if (bytes > caps.listBytes) break
    kept.push(short)
  }
  return values.length > kept.length ? [...kept, `… and ${values.length - kept.length} more`] : kept
}

const cutJson = (value: unknown, depth = 0): Json => {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null) return null
  if (depth >= caps.depth) return '…'
  if (Array.isArray(value)) return value.slice(0, caps.members).map((member: unknown) => cutJson(member, depth + 1))
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    members.slice(0, caps.members).map(([key, member]) => [cut(key), cutJson(member, depth + 1)]),
  )
}

/** Some numbers and nothing else, as the end of a call has them. */
const isFlatAndSmall = (details: JsonObject): boolean => {
  let count = 0
  for (const name in details) {
    if (typeof details[name] !== 'number' || !Number.isFinite(details[name]) || ++count > 8 || name.length > 40)
      return false
  }
  return true
}

const cutDetails = (details: JsonObject): JsonObject => {
  if (isFlatAndSmall(details)) return { ...details }
  const kept = cutJson(details) as JsonObject
  const { length } = canonicalJson(kept)
  return length > caps.detailsLength ? { cut: `${length} characters of details were left out` } : kept
}

/** The event with every field within its cap and no field beyond the known ones: none can pose as the chain's own. */
export const cutEvent = (event: AuditEvent): AuditEvent => {
  const kept: { -readonly [Field in keyof AuditEvent]: AuditEvent[Field] } = { type: event.type, result: event.result }
  for (const name of textFields) {
    const value = event[name]
    if (value !== undefined) kept[name] = cut(value)
  }
  if (event.chain !== undefined) kept.chain = cutList(event.chain)
  if (event.capabilities !== undefined) kept.capabilities = cutList(event.capabilities, capabilityCaps)
  if (event.details !== undefined) kept.details = cutDetails(event.details)
  return kept
}

const textFields = ['principal', 'plugin', 'callId', 'action', 'user', 'workspace', 'function', 'risk', 'why'] as const
