// What a row of the guest API table says. Types only.

import type { JsonValue } from '../json-schema.ts'

/**
 * One method of the guest API: `host.<area>.<name>(…positional, options?)`. Names are in snake case, as Lua and Rune
 * spell them; JavaScript spells them in camel case. Fields of an input are spelled alike in every language.
 */
export interface GuestMethod {
  readonly area: string
  readonly name: string
  /** The host function. */
  readonly calls: string
  /** Fields of its input that are given by place; a name that ends in `?` may be left out. */
  readonly positional: readonly string[]
  /** Whether a last argument may bring further fields of the input. */
  readonly options: boolean
  /** Fields of bytes: a text that is given there crosses as its UTF-8, never as base64. */
  readonly bytes?: readonly string[]
  /** Fields that this method has no use for: its types and its description leave them out. */
  readonly without?: readonly string[]
  /** Fields that are always sent, whatever is given. */
  readonly fixed?: Readonly<Record<string, JsonValue>>
  readonly result: GuestResult
}

/**
 * What a method gives back of the output: all of it, nothing, or one member. With `unless`, the result is undefined
 * (nil, None) when that member of the output is false or null.
 */
export type GuestResult = 'whole' | 'nothing' | { readonly field: string; readonly unless?: string }
