// How the bootstrap answers a call of the host's: the output of `action/call` is one of these. Types only; the host's side
// reads them in src/node/outcomes.ts, and believes none of them.

import type { Excess } from './bounds.ts'

/** What became of a call. Values are JSON texts that were made where they belong. */
export type Outcome =
  /** It returned. */
  | { readonly value: string }
  /** It failed; the text describes how (packages/bundle/guest/failure.ts). */
  | { readonly failure: string }
  /** The module failed before there was anything to call. */
  | { readonly loadFailure: string }
  /** It returned more than a line holds. */
  | { readonly excess: Excess }
  /** There is no such action. */
  | { readonly unknown: true }
  /** It waits for what nothing will settle. */
  | { readonly stuck: true }

/** One line's output member. */
export const writeOutcome = (outcome: Outcome): string => {
  if ('value' in outcome) return `{"value":${outcome.value}}`
  if ('failure' in outcome) return `{"failure":${outcome.failure}}`
  return 'loadFailure' in outcome ? `{"loadFailure":${outcome.loadFailure}}` : JSON.stringify(outcome)
}
