// How JSON Schema sees values: their type, their equality, their length. Values may be JSON or hold byte strings.

import type { ValidationRun } from './run.ts'

/** Types of JSON Schema; `bytes` is ours for a `Uint8Array`, `other` for what JSON cannot express. */
export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'bytes' | 'other'

/** The type of a value. */
export const typeOf = (value: unknown): ValueType => {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return typeof value as 'boolean' | 'string'
    case 'number':
      return Number.isFinite(value) ? 'number' : 'other'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'array'
      return value instanceof Uint8Array ? 'bytes' : 'object'
    default:
      return 'other'
  }
}

/** Whether it is a table of fields. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeOf(value) === 'object'

/** Whether the table itself (no prototype) has the field, with a value. */
export const hasField = (value: Readonly<Record<string, unknown>>, key: string): boolean =>
  Object.hasOwn(value, key) && value[key] !== undefined

/** The fields that are there. Pays for looking at each. */
export const fieldsOf = (value: Readonly<Record<string, unknown>>, run: ValidationRun): string[] => {
  const keys = Object.keys(value)
  run.spend(keys.length)
  return keys.filter((key) => value[key] !== undefined)
}

/**
 * A text that is the same for equal values and for those only: keys sorted, numbers by value. Pays for all that it
 * reads.
 */
export const canonicalText = (value: unknown, run: ValidationRun): string => {
  run.spend(1)
  switch (typeOf(value)) {
    case 'string':
      run.spendText((value as string).length)
      return JSON.stringify(value)
    case 'array':
      return run.nest(() => `[${(value as unknown[]).map((member) => canonicalText(member, run)).join(',')}]`)
    case 'object': {
      const table = value as Record<string, unknown>
      const keys = fieldsOf(table, run)
      return run.nest(
        () =>
          `{${keys
            .sort()
            .map((key) => `${JSON.stringify(key)}:${canonicalText(table[key], run)}`)
            .join(',')}}`,
      )
    }
    case 'bytes':
      run.spendText((value as Uint8Array).length, 8)
      return `b${(value as Uint8Array).join(' ')}`
    case 'other':
      return `o${typeof value}`
    default:
      return JSON.stringify(value)
  }
}

/**
 * Whether the text has at least `least` and at most `most` characters (code points); counts only when it must. A byte
 * string counts as the base64 that stands for it in JSON.
 */
export const lengthWithin = (value: unknown, bounds: { least: number; most: number }, run: ValidationRun): boolean => {
  const units = typeof value === 'string' ? value.length : Math.ceil((value as Uint8Array).length / 3) * 4
  if (units < bounds.least || units > bounds.most * 2) return false
  if (units <= bounds.most && units >= bounds.least * 2) return true
  if (typeof value !== 'string') return units <= bounds.most
  run.spendText(units)
  let count = 0
  for (let index = 0; index < units; index++) {
    const code = value.charCodeAt(index)
    const low = index + 1 < units ? value.charCodeAt(index + 1) : 0
    if (code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 && low < 0xe000) index++
    count++
  }
  return count >= bounds.least && count <= bounds.most
}
