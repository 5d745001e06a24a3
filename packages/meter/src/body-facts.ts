// What is known of a function before its body is rewritten.

/** A function whose body is rewritten. */
export interface BodyFacts {
  readonly parameters: number
  /** Parameters and declared locals: the first counter comes after them. */
  readonly locals: number
  readonly results: number
  /** Type of the block that the body is put into, at the end of which what was paid in advance is given back. */
  readonly wrapper: ArrayLike<number> | undefined
  /** Whether its callers pay for it. */
  readonly isPaid: boolean
}
