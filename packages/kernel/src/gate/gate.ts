// The one place that decides a call and records the decision.

import type { CallContext } from '../call/context.ts'
import type { Capability } from '../capability/capability.ts'
import type { Risk } from '../function/risk.ts'

/** What is to be decided. */
export interface GateRequest {
  readonly context: CallContext
  /** The host function that asks, for the record and for prompts. */
  readonly function: string
  readonly capabilities: readonly Capability[]
  readonly risk: Risk
  /** SHA-256 of the canonical input; an approval binds to it. */
  readonly inputHash: string
  /** Record id of the permit under which this is asked on the way: what a person approved for it is not asked again. */
  readonly following?: string | undefined
}

/** Why a call was refused; `layer` is the step of the gate that said no. */
export interface DenyReason {
  readonly layer:
    | 'unregistered'
    | 'invalid'
    | 'deny-list'
    | 'protected'
    | 'not-asked'
    | 'grant'
    | 'workspace'
    | 'user'
    | 'approval'
    | 'audit'
  /** The capability that failed, canonical, as text. */
  readonly capability: string
  /** The principal that lacks it (one of the chain). */
  readonly principal: string
  /** One sentence for people. */
  readonly message: string
}

/** The decision: a value, never an exception. */
export type Decision =
  | { readonly allow: true; readonly recordId: string; readonly capabilities: readonly Capability[] }
  | { readonly allow: false; readonly recordId: string; readonly why: DenyReason }

/** Decides and records. */
export interface Gate {
  /** At once, unless a person has to be asked or the record has to be on disk first. */
  decide(request: GateRequest): Decision | Promise<Decision>
  /**
   * Whether a call that was allowed already would be allowed this as well, without a person's being asked for it by name.
   * Nothing is decided and nothing recorded. Where it is absent, nothing would.
   */
  wouldAllow?(context: CallContext, capability: Capability): boolean
}
