// One text for one value, so that a hash over it is stable, and the cut that keeps an event small. The text is pure
// ASCII: no byte of a log file can be changed into another spelling of the same character.

import type { Json, JsonObject } from '../json.ts'
import type { AuditEvent } from './record.ts'

const notAscii = /[\u007f-\uffff]/g
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

// JSON.stringify escapes control characters and lone surrogates; halves of a pair are escaped one by one here.
const text = (value: string): string => JSON.stringify(value).replace(notAscii, escapeUnit)

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

/** Caps on one event. A record is some kilobytes at most, whatever a plugin put into its arguments. */
const caps = { textLength: 2000, listLength: 64, depth: 8, members: 64, detailsLength: 8000 }

const cut = (value: string): string => (value.length > caps.textLength ? `${value.slice(0, caps.textLength)}…` : value)

const cutList = (values: readonly string[]): string[] => {
  const kept = values.slice(0, caps.listLength).map(cut)
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

const cutDetails = (details: JsonObject): JsonObject => {
  const kept = cutJson(details) as JsonObject
  const { length } = canonicalJson(kept)
  return length > caps.detailsLength ? { cut: `${length} characters of details were left out` } : kept
}

/** The event with every field within its cap and no field beyond the known ones: none can pose as the chain's own. */
export const cutEvent = (event: AuditEvent): AuditEvent => ({
  type: event.type,
  result: event.result,
  ...(event.principal === undefined ? {} : { principal: cut(event.principal) }),
  ...(event.plugin === undefined ? {} : { plugin: cut(event.plugin) }),
  ...(event.callId === undefined ? {} : { callId: cut(event.callId) }),
  ...(event.action === undefined ? {} : { action: cut(event.action) }),
  ...(event.user === undefined ? {} : { user: cut(event.user) }),
  ...(event.workspace === undefined ? {} : { workspace: cut(event.workspace) }),
  ...(event.chain === undefined ? {} : { chain: cutList(event.chain) }),
  ...(event.function === undefined ? {} : { function: cut(event.function) }),
  ...(event.capabilities === undefined ? {} : { capabilities: cutList(event.capabilities) }),
  ...(event.risk === undefined ? {} : { risk: cut(event.risk) }),
  ...(event.why === undefined ? {} : { why: cut(event.why) }),
  ...(event.details === undefined ? {} : { details: cutDetails(event.details) }),
})
