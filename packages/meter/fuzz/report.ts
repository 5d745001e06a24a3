// What the fuzzers count and what they find.

/** Which question a module was tried with. */
export type Oracle = 'differential' | 'termination' | 'mutation'

/** Something that must not be. The seed and the oracle make it again; the bytes are the module. */
export interface Finding {
  readonly oracle: Oracle
  readonly seed: number
  readonly what: string
  readonly bytes: Uint8Array
}

/** Counts of a run of the fuzzers. */
export interface Tally {
  modules: number
  /** Modules that the engine takes, among damaged ones. */
  valid: number
  /** Lines of the logs that were compared. */
  calls: number
  interrupts: number
  pauses: number
  /** Guests that were ended. */
  ended: number
  /** Modules that exhaust the engine's stack: nothing can be compared. */
  skipped: number
}

/** Counts from nothing. */
export const makeTally = (): Tally => ({
  modules: 0,
  valid: 0,
  calls: 0,
  interrupts: 0,
  pauses: 0,
  ended: 0,
  skipped: 0,
})
