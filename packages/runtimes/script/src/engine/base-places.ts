// Where things lie in the base state: addresses, valid in every memory that it was put into.

/** Functions of the prelude; see guest/prelude.ts. */
export const preludeFunctions = ['configure', 'adopt', 'describe', 'invoke', 'deliver', 'describeFailure'] as const
/** Name of one. */
export type PreludeFunction = (typeof preludeFunctions)[number]

/** See the file's head. */
export interface BasePlaces {
  readonly runtime: number
  readonly context: number
  /** Where the stack starts, downwards; while nothing runs, it is empty. */
  readonly stackTop: number
  /** The value `undefined`. */
  readonly undefinedValue: number
  /** Room for short texts, for the address of a context, and for the address of an argument. */
  readonly scratch: number
  readonly scratchBytes: number
  readonly jobContext: number
  readonly argument: number
  /** Words that the prelude reads; see guest/bridge.ts. */
  readonly mailbox: number
  /** Name of the plugin's code, a C text. */
  readonly fileName: number
  /** Class of an ArrayBuffer. */
  readonly bufferClass: number
  readonly prelude: Readonly<Record<PreludeFunction, number>>
}
