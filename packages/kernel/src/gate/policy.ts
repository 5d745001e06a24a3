// What an operator or the embedding program decided about all plugins: an input of the gate, plain data.

import type { Risk } from '../function/risk.ts'

/** The patterns that one workspace or user allows; an empty list allows nothing. */
export interface AllowSet {
  readonly allow: readonly string[]
}

/** Policy of one gate. Every list is of patterns in the grant spelling. */
export interface GatePolicy {
  /** By workspace id. Without an entry at all, workspaces do not restrict; with any, an unknown or absent id allows nothing. */
  readonly workspaces?: Readonly<Record<string, AllowSet>>
  /** By user id, likewise. */
  readonly users?: Readonly<Record<string, AllowSet>>
  /** Calls that need a person's approval on top of everything else. */
  readonly highRisk?: {
    /** Capabilities that are high risk. */
    readonly capabilities?: readonly string[]
    /** Calls of this risk and above are high risk. */
    readonly from?: Risk
  }
  /**
   * Absolute folders or files that no grant ever covers, for reading or writing: Bulkhead's home, and what else is to
   * be kept. `.bulkhead/` anywhere, and for writing `.git/` and `bulkhead.yaml`, are protected besides.
   */
  readonly protectedPaths?: {
    readonly home?: string
    readonly paths?: readonly string[]
    /**
     * Real paths of plugins: their folders, manifests, entries. No grant covers writing to one, nor to a manifest or a
     * source below one: a plugin that rewrites another acts with the other's grants. Read at every such decision.
     */
    readonly code?: Iterable<string>
  }
  /** Counted as granted to every plugin that asks for them, for example `defaultNoteCapabilities`. */
  readonly defaultGrants?: readonly string[]
  /** Absolute folder that `~/` means in patterns; without it such patterns cover nothing. */
  readonly home?: string
  /** How long a question to a person stays open; 30 s. */
  readonly approvalTimeoutMs?: number
}
