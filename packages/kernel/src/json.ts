// Parsing JSON within caps. Parsing never sets a prototype and never recurses on the input.

import { BulkheadError } from './errors.ts'
import type { Json } from './json-value.ts'

export type { Json, JsonObject } from './json-value.ts'

/** Caps on a JSON text. */
export interface JsonCaps {
  /** Greatest length in UTF-16 code units (strings) or bytes. */
  readonly maxLength: number
  /** Deepest nesting of arrays and objects. */
  readonly maxDepth: number
  /** Most members of all its arrays and objects together; unbounded when absent. */
  readonly maxMembers?: number
}

/** What a guest or a command line may send unless a caller says otherwise. */
export const defaultJsonCaps: JsonCaps = { maxLength: 32 * 1024 * 1024, maxDepth: 256 }

/**
 * Parses untrusted JSON text. Length and depth are checked before `JSON.parse` runs. A `__proto__` member becomes an
 * ordinary own property (that is what `JSON.parse` does, RFC 8259 gives it no meaning); copying code must not use
 * assignment with untrusted keys.
 *
 * @throws BulkheadError `input.too-large`, `input.too-deep`, `input.not-json`
 */
export const parseJson = (text: string, what: string, caps: JsonCaps = defaultJsonCaps): Json => {
  if (text.length > caps.maxLength) {
    throw new BulkheadError(
      'input.too-large',
      `${what} is ${text.length} characters long; at most ${caps.maxLength} are taken`,
    )
  }
  const excess = jsonExcessOf(text, caps.maxDepth, caps.maxMembers ?? Number.POSITIVE_INFINITY)
  if (excess === 'depth') {
    throw new BulkheadError('input.too-deep', `${what} is nested deeper than ${caps.maxDepth} levels`)
  }
  if (excess === 'members') {
    throw new BulkheadError('input.too-large', `${what} has more than ${caps.maxMembers} members`)
  }
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new BulkheadError('input.not-json', `${what} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** Whether the text nests arrays or objects deeper than `maxDepth`. */
export const jsonDepthExceeds = (text: string, maxDepth: number): boolean =>
  jsonExcessOf(text, maxDepth, Number.POSITIVE_INFINITY) === 'depth'

/** What a text has too much of. A comma outside of strings parts two members. One pass, no recursion. */
export const jsonExcessOf = (text: string, maxDepth: number, maxMembers: number): 'depth' | 'members' | undefined => {
  // Every level and every comma takes a character.
  if (text.length <= maxDepth && text.length <= maxMembers) return undefined
  let depth = 0
  let commas = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x22) index = endOfString(text, index)
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return 'depth'
    } else if (code === 0x7d || code === 0x5d) depth--
    else if (code === 0x2c && ++commas > maxMembers) return 'members'
  }
  return undefined
}

/** Characters of a string that are looked at one by one before the engine searches for its end. */
const shortString = 32

/** Where the string that opens at `start` ends; the text's length when it does not. Linear: no character is looked at more than twice. */
const endOfString = (text: string, start: number): number => {
  let index = start + 1
  for (const stop = Math.min(text.length, index + shortString); index < stop; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x22) return index
    if (code === 0x5c) index++
  }
  for (;;) {
    const quote = text.indexOf('"', index)
    if (quote < 0) return text.length
    let slash = quote - 1
    while (slash >= index && text.charCodeAt(slash) === 0x5c) slash--
    // An even number of backslashes before it escape one another.
    if ((quote - slash) % 2 === 1) return quote
    index = quote + 1
  }
}
