// The gate's answer to one call.

import type { Capability } from '../capability/capability.ts'

/** What the gate allowed: the parsed, frozen input and the canonical capabilities. `run` acts on nothing else. */
export interface Permit<Input> {
  readonly function: string
  readonly input: Input
  /** In the order that `needs` gave them, scopes canonical (absolute paths, normalised URLs). */
  readonly capabilities: readonly Capability[]
  /** Id of the audit record that allowed it; empty when no capability was needed. */
  readonly recordId: string
}
