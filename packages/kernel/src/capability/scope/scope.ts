// What every typed scope matcher offers. A matcher decides what a scope of its capability name means; it knows nothing
// of names, grants or principals.

import type { Address } from '../ip.ts'
import type { NetworkTarget } from './network-target.ts'

/** What relative paths resolve against. */
export interface ScopeRoots {
  /** Absolute folder for `./x`. */
  readonly workspaceRoot?: string
  /** Absolute folder for `~/x`. */
  readonly home?: string
}

/** A concrete scope, canonical and taken apart once. */
export interface ScopeSubject {
  /** Canonical text: equal meanings have equal texts. */
  readonly text: string
  readonly network?: NetworkTarget
  readonly segments?: readonly string[]
  readonly address?: Address
}

/** A compiled scope pattern. */
export interface ScopePattern {
  /** For grants and asks: whether it surely allows the subject. In doubt, no. */
  covers(subject: ScopeSubject): boolean
  /** For denials: whether it means the subject under any reading (another case, another encoding). In doubt, yes. */
  touches(subject: ScopeSubject): boolean
}

/** The matcher of one capability name. Both methods throw BulkheadError `capability.invalid`. */
export interface ScopeKind {
  /**
   * The scopes are parts of one whole: a pattern without a scope covers all of them, and a capability without one means
   * whatever part is allowed, so any pattern of the name covers it. Whoever asks so must ask for each part as well.
   */
  readonly isPartitive?: true
  readSubject(scope: string, roots: ScopeRoots): ScopeSubject
  readPattern(scope: string, roots: ScopeRoots): ScopePattern
}
