// What escaped from a plugin, as a typed error. The description comes from the guest and may be forged: it chooses
// among the codes that a guest may cause, and nothing more.

import type { Json, JsonObject } from '@bulkhead/kernel'
import { BulkheadError, parseJson } from '@bulkhead/kernel/wire'
import type { Positions } from './positions.ts'

/** An error described by the prelude; see guest/failure.ts of this package. */
export interface FailureDescription {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly hostErrorId: string | undefined
  readonly guestCode: string | undefined
  readonly guestDetails: Json | undefined
  /** Area and name that the host object was last asked for and lacks, as the guest tells it. */
  readonly missed?: readonly [string, string]
}

/** Says what the host object lacks, and what may have been meant; undefined where it lacks nothing of that name. */
export type ExplainMissed = (missed: readonly [string, string]) => string | undefined

const maxMessage = 4096

/** Reads a description; anything odd becomes an error without facts. */
export const parseDescription = (json: string): FailureDescription => {
  let value: Record<string, unknown> = {}
  try {
    const parsed: unknown = parseJson(json, 'the failure', { maxLength: 128 * 1024, maxDepth: 32 })
    if (typeof parsed === 'object' && parsed !== null) value = parsed as Record<string, unknown>
  } catch {}
  const text = (name: string, cap: number): string | undefined => {
    const member = value[name]
    return typeof member === 'string' && member !== '' ? member.slice(0, cap) : undefined
  }
  const [area, missed] = Array.isArray(value['missed']) ? value['missed'] : []
  return {
    name: text('name', 100) ?? 'Error',
    message: text('message', maxMessage) ?? '',
    stack: text('stack', 16_384) ?? '',
    hostErrorId: text('hostErrorId', 200),
    guestCode: text('guestCode', 200),
    guestDetails: value['guestDetails'] as Json | undefined,
    ...(typeof area === 'string' && typeof missed === 'string' ? { missed: [area, missed] } : {}),
  }
}

/** Makes the error of a call, `plugin.failed` or a limit, with the place in the author's source. */
export const errorOfFailure = (
  failure: FailureDescription,
  positions: Positions,
  explain: ExplainMissed = () => undefined,
): BulkheadError => {
  const { stack, at } = positions.readStack(failure.stack)
  const frame = at === undefined ? undefined : positions.frame(at)
  const where: JsonObject = {
    ...(stack.length === 0 ? {} : { stack }),
    ...(at === undefined ? {} : { file: at.file, line: at.line, column: at.column }),
    ...(frame === undefined ? {} : { frame }),
  }
  if (failure.name === 'InternalError' && failure.message === 'out of memory') {
    return new BulkheadError('limit.memory', 'the plugin ran out of its memory limit', { details: where })
  }
  // The parser of JSON says it as a SyntaxError.
  if (/^(?:Internal|Syntax)Error$/.test(failure.name) && failure.message === 'stack overflow') {
    return new BulkheadError('limit.stack', 'the plugin recursed too deeply', { details: where })
  }
  const place = at === undefined ? '' : ` (${at.file}:${at.line}:${at.column})`
  const { missed } = failure
  const isMissed = missed !== undefined && failure.name === 'TypeError' && isMarked(frame, missed[1])
  const explained = isMissed ? explain(missed) : undefined
  if (explained !== undefined) return missedError(`${explained}${place}`, where)
  const message = failure.message === '' ? failure.name : `${failure.name}: ${failure.message}`
  return new BulkheadError('plugin.failed', `${message}${place}`, {
    details: {
      name: failure.name,
      ...where,
      ...(failure.hostErrorId === undefined ? {} : { hostErrorId: failure.hostErrorId }),
      ...(failure.guestCode === undefined ? {} : { guestCode: failure.guestCode }),
      ...(failure.guestDetails === undefined ? {} : { guestDetails: failure.guestDetails }),
    },
  })
}

/** Whether a name stands at the mark of a frame: an engine marks it, or what follows it. */
const isMarked = (frame = '', name: string): boolean => {
  const [line = '', mark = ''] = frame.split('\n')
  const at = mark.indexOf('^')
  return at >= 0 && line.slice(Math.max(at - name.length - 2, 0), at + name.length + 1).includes(name)
}

/** Makes the error of a script that uses what the host object lacks. */
export const missedError = (message: string, where: JsonObject): BulkheadError =>
  new BulkheadError('plugin.failed', message, {
    hint: 'Correct the name in the plugin: docs/reference/guest-api.md lists what the host object has.',
    details: { name: 'UnknownHostFunction', ...where },
  })

/** Makes the error of a load: `artifact.compile` for syntax, `plugin.failed` for what the top level threw. */
export const errorOfLoad = (failure: FailureDescription, positions: Positions): BulkheadError => {
  const error = errorOfFailure(failure, positions)
  if (error.code !== 'plugin.failed') return error
  const compile = failure.name === 'SyntaxError'
  const text = compile ? error.message : `loading the plugin failed: ${error.message}`
  return new BulkheadError(compile ? 'artifact.compile' : 'plugin.failed', text, {
    ...(error.details === undefined ? {} : { details: error.details }),
  })
}
