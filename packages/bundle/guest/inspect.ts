// Formats values for the log, within caps.

import { framesOf } from './frames.ts'

const maxLength = 8192
const maxDepth = 6
const maxMembers = 50

/** One log line of several values. Text stands as it is, other values are formatted. Never throws. */
export const formatValues = (values: readonly unknown[]): string => {
  const text = values.map((value) => (typeof value === 'string' ? value : inspect(value, 0, []))).join(' ')
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}

const inspect = (value: unknown, depth: number, above: readonly object[]): string => {
  try {
    return inspectUnsafe(value, depth, above)
  } catch {
    return '[unreadable]'
  }
}

const inspectUnsafe = (value: unknown, depth: number, above: readonly object[]): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxLength))
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (above.includes(value)) return '[circular]'
  if (value instanceof Error)
    return value.stack ? `${value.name}: ${value.message}\n${framesOf(value.stack).trimEnd()}` : String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (value instanceof Uint8Array) return `Uint8Array(${value.length})`
  if (depth >= maxDepth) return Array.isArray(value) ? '[…]' : '{…}'
  const below = [...above, value]
  const list = (items: readonly unknown[]): string => {
    const shown = items.slice(0, maxMembers).map((item) => inspect(item, depth + 1, below))
    return [...shown, ...(items.length > maxMembers ? [`… ${items.length - maxMembers} more`] : [])].join(', ')
  }
  if (Array.isArray(value)) return `[${list(value)}]`
  if (value instanceof Set) return `Set {${list([...value])}}`
  if (value instanceof Map) return `Map {${list([...value])}}`
  if (value instanceof Promise) return 'Promise'
  const keys = Object.keys(value)
  const members = keys
    .slice(0, maxMembers)
    .map((key) => `${key}: ${inspect((value as Record<string, unknown>)[key], depth + 1, below)}`)
  if (keys.length > maxMembers) members.push(`… ${keys.length - maxMembers} more`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
