// What an interpreter of ours says of a failure, as a typed error with the place in the author's source. The description
// comes from the guest and may be forged: it chooses among the codes that a guest may cause, and nothing more.

import { frameOfSource, missedError } from '@bulkhead/bundle/answers'
import type { Json, JsonObject } from '@bulkhead/kernel'
import { BulkheadError, parseJson } from '@bulkhead/kernel/wire'
import { type HostNames, missedMessage, parseMissed } from '../calls/host-names.ts'
import { columnOfToken } from './syntax-column.ts'

/** The plugin's files by name. */
export type Sources = ReadonlyMap<string, Uint8Array>

interface Place {
  readonly file: string
  readonly line: number
  /** 0: unknown. */
  readonly column: number
}

const maxMessage = 4096
const maxFrames = 30
const maxName = 300

/** What is known of the plugin that failed. */
export interface FailedProgram {
  readonly sources: Sources
  readonly names: HostNames
}

/** Makes the error of a call. */
export const errorOfFailure = (json: string, program: FailedProgram): BulkheadError => makeError(json, program, false)

/** Makes the error of a load: `artifact.compile` for syntax, else what the top level raised. */
export const errorOfLoad = (json: string, program: FailedProgram): BulkheadError => makeError(json, program, true)

const makeError = (json: string, { sources, names }: FailedProgram, isLoad: boolean): BulkheadError => {
  const failure = parseFailure(json)
  const message = textOf(failure, 'message', maxMessage) ?? 'the plugin failed and said nothing'
  const at = ownPlace(failure, message, sources)
  const stack = stackOf(failure['stack'])
  const frame = at === undefined ? undefined : frameOfSource(sources.get(at.file), at)
  const where: JsonObject = {
    ...(stack.length === 0 ? {} : { stack }),
    ...(at === undefined ? {} : { file: at.file, line: at.line, ...(at.column === 0 ? {} : { column: at.column }) }),
    ...(frame === undefined ? {} : { frame }),
  }
  const missed = missedMessage(parseMissed(failure['missed'], message), names)
  const said = missed ?? message
  const text = at === undefined ? said : `${said} (${spell(at)})`
  switch (failure['kind']) {
    case 'memory':
      return new BulkheadError('limit.memory', 'the plugin ran out of its memory limit', { details: where })
    case 'stack':
      return new BulkheadError('limit.stack', 'the plugin recursed too deeply', { details: where })
    case 'syntax':
      if (isLoad) return new BulkheadError('artifact.compile', text, { details: { name: 'SyntaxError', ...where } })
  }
  if (missed !== undefined) return missedError(text, where)
  const details = { name: textOf(failure, 'name', 100) ?? 'Error', ...where, ...saidBy(failure) }
  return new BulkheadError('plugin.failed', isLoad ? `loading the plugin failed: ${text}` : text, { details })
}

const parseFailure = (json: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = parseJson(json, 'the failure', { maxLength: 128 * 1024, maxDepth: 32 })
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  return {}
}

const textOf = (from: Readonly<Record<string, unknown>>, name: string, most: number): string | undefined => {
  const value = from[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, most) : undefined
}

const placeOf = (value: Readonly<Record<string, unknown>>): Place | undefined => {
  const { file, line, column } = value
  if (typeof file !== 'string' || file === '' || !isNumber(line) || line < 1) return undefined
  return { file: file.slice(0, maxName), line, column: isNumber(column) ? column : 0 }
}

/** The innermost place in a file of the plugin: what is told of any other file is of our library, or forged. */
const ownPlace = (failure: Readonly<Record<string, unknown>>, message: string, sources: Sources): Place | undefined => {
  const told: readonly unknown[] = Array.isArray(failure['stack']) ? failure['stack'].slice(0, maxFrames) : []
  const places = [failure, ...told.map((one) => (typeof one === 'object' && one !== null ? one : {}))]
  const at = places.map((one) => placeOf(one as Record<string, unknown>)).find((one) => one && sources.has(one.file))
  if (at === undefined || at.column !== 0 || failure['kind'] !== 'syntax') return at
  return { ...at, column: columnOfToken(sources.get(at.file), { line: at.line, message }) }
}

const isNumber = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

const spell = ({ file, line, column }: Place): string => `${file}:${line}${column === 0 ? '' : `:${column}`}`

const stackOf = (given: unknown): string[] => {
  if (!Array.isArray(given)) return []
  return given.slice(0, maxFrames).flatMap((frame: unknown) => {
    const fields = (typeof frame === 'object' && frame !== null ? frame : {}) as Record<string, unknown>
    const at = placeOf(fields)
    return at === undefined ? [] : [`at ${textOf(fields, 'function', 200) ?? '<function>'} (${spell(at)})`]
  })
}

/** What the author put into the error; whether it is the host's own is found out by its id. */
const saidBy = (failure: Readonly<Record<string, unknown>>): JsonObject => {
  const hostErrorId = textOf(failure, 'hostErrorId', 200)
  const guestCode = textOf(failure, 'guestCode', 200)
  const guestDetails = failure['guestDetails'] as Json | undefined
  return {
    ...(hostErrorId === undefined ? {} : { hostErrorId }),
    ...(guestCode === undefined ? {} : { guestCode }),
    ...(guestDetails === undefined ? {} : { guestDetails }),
  }
}
