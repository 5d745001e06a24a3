// The errors of one call's host calls: each gets an id before a guest sees it, so that it is known again when it comes
// back. Bounded, because a guest chooses how many errors there are and part of what they say.

import { asBulkheadError, BulkheadError } from '../errors.ts'

/** Longest message or hint of an error that goes to a guest, UTF-16 code units. */
const maxTextLength = 4096
/** Longest details as JSON; longer ones are left out. */
const maxDetailsLength = 16_384
/** Errors that are known again; those made longest ago are forgotten, and are then the plugin's own failures. */
const maxErrors = 1000

/** See the file's head. */
export interface ErrorBook {
  /** Names an error and keeps it. What is not ours becomes `function.failed`. */
  enter(thrown: unknown): BulkheadError
  /** The error of that id, if it is one of this call's. */
  find(id: string): BulkheadError | undefined
}

/** Opens the book of one call. */
export const openErrorBook = (callId: string): ErrorBook => {
  let errors: Map<string, BulkheadError> | undefined
  let made = 0
  return {
    enter: (thrown) => {
      const error = asBulkheadError(thrown, 'function.failed')
      const id = `${callId}-${++made}`
      const message = cut(error.message)
      const details = error.details
      const fits = details === undefined || JSON.stringify(details).length <= maxDetailsLength
      const named = new BulkheadError(error.code, message, {
        hint: cut(error.hint),
        ...(details === undefined || !fits ? {} : { details }),
        // A cause would hold on to what was cut.
        ...(message === error.message && fits ? { cause: error } : {}),
        id,
      })
      errors ??= new Map()
      errors.set(id, named)
      const [oldest] = errors.keys()
      if (errors.size > maxErrors && oldest !== undefined) errors.delete(oldest)
      return named
    },
    find: (id) => errors?.get(id),
  }
}

const cut = (text: string): string => (text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text)
