// What a command hands back. One place prints it (output/print.ts), so `--json` is one document however a command ends.

import type { WireError } from '@bulkhead/host'

/** The outcome of a command that ran. */
export interface Report {
  /** Members of the JSON document, after `ok`. Byte arrays become base64. */
  readonly json: Readonly<Record<string, unknown>>
  /** What stdout gets without `--json`. Plugin text in it is escaped already. Empty: a command that worked is silent. */
  readonly text: string | Uint8Array
  /** Lines for stderr, escaped already: what was left out and why. Printed without `--json`. */
  readonly notes?: readonly string[]
  /** Present when the command ran but found something wrong: it decides the exit code and `ok`. */
  readonly error?: WireError
}
