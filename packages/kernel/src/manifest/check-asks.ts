// What is wrong in the asks and denials of one manifest. For now only what is asked and denied in the same words.

import { escapeLine } from '../text/escape.ts'
import type { PlacedAsk, PlacedDeny } from './asks.ts'
import type { FaultAtPath, FieldPath } from './fault.ts'

/** Faults and warnings, each at the field that caused it. */
export interface CheckedAsks {
  readonly faults: readonly FaultAtPath[]
  readonly warnings: readonly { readonly path: FieldPath; readonly message: string }[]
}

/** Checks the collected asks and denials. */
export const checkAsks = (asks: readonly PlacedAsk[], denies: readonly PlacedDeny[]): CheckedAsks => {
  const denied = new Set(denies.map((deny) => deny.capability))
  const faults = asks
    .filter((ask) => denied.has(ask.capability))
    .map(({ capability, path }) => ({
      path,
      message: `asks for ${escapeLine(capability, 200)}, which the manifest also denies`,
      mend: 'Remove the ask, or narrow the denial.',
    }))
  return { faults, warnings: [] }
}
