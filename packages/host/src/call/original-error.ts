// A host error that came back through a guest: the host's own, with the place in the guest's source where its call failed.

import { BulkheadError, type CallSession, type JsonObject } from '@bulkhead/kernel'

/** Members of an error's details that tell of a place in a source. */
const placeKeys = ['file', 'line', 'column', 'frame', 'stack'] as const

const maxName = 300
const maxFrame = 2000
const maxStack = 30
const maxStackLine = 1000

/** A host error that came back through the guest is recognised by its id, never by its text. */
export const originalError = (error: BulkheadError, session: CallSession): BulkheadError => {
  const id = error.id ?? error.details?.['hostErrorId']
  const original = typeof id === 'string' ? session.errorOf(id) : undefined
  return original === undefined ? error : withPlace(original, placeOf(error.details))
}

/** The details may come from a jail: they are read as if they were hostile. */
const placeOf = (details: JsonObject = {}): JsonObject | undefined => {
  const { file, line, column, frame, stack } = details
  if (typeof file !== 'string' || typeof line !== 'number') return undefined
  const lines = Array.isArray(stack) ? stack.filter((one) => typeof one === 'string') : []
  return {
    ...(lines.length === 0 ? {} : { stack: lines.slice(0, maxStack).map((one) => one.slice(0, maxStackLine)) }),
    file: file.slice(0, maxName),
    line,
    ...(typeof column === 'number' ? { column } : {}),
    ...(typeof frame === 'string' ? { frame: frame.slice(0, maxFrame) } : {}),
  }
}

/** Host errors that tell of a place of their own, in data or in another plugin, have the guest's under `script`, the innermost only. */
const withPlace = (original: BulkheadError, place: JsonObject | undefined): BulkheadError => {
  const own = original.details ?? {}
  const isTaken = placeKeys.some((key) => Object.hasOwn(own, key))
  if (place === undefined || (isTaken && Object.hasOwn(own, 'script'))) return original
  return new BulkheadError(original.code, original.message, {
    hint: original.hint,
    details: isTaken ? { ...own, script: place } : { ...own, ...place },
    ...(original.cause === undefined ? {} : { cause: original.cause }),
    ...(original.id === undefined ? {} : { id: original.id }),
  })
}
