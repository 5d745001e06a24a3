// What a pattern is asked. Types only.

/** A pattern on a text. */
export interface PatternInput {
  readonly pattern: string
  /** Letters of `i` (case), `m` (^ and $ at lines) and `s` (. takes a line end). */
  readonly flags: string
  readonly text: string
  /** Most matches, or most cuts. */
  readonly limit: number
}

/** The same with what takes the place of each match. */
export interface ReplaceInput extends PatternInput {
  readonly replacement: string
}

/** One match. Positions count Unicode characters from 0, so that they mean the same in every language. */
export interface PatternMatch {
  readonly text: string
  readonly from: number
  /** Just after the match. */
  readonly to: number
  /** Text of each group by its number, from 1; null where it took no part. */
  readonly groups: readonly (string | null)[]
  /** Text of each named group. */
  readonly named: Readonly<Record<string, string | null>>
}
