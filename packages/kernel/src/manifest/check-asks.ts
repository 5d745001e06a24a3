// What is wrong, or worth a look, in the asks and denials of one manifest: patterns that are none, asks that the
// manifest itself takes back (faults), asks that give much away (warnings).

import { broadWarnings } from '../capability/breadth.ts'
import { findConflicts } from '../capability/conflicts.ts'
import { asBulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'
import type { PlacedAsk, PlacedDeny } from './asks.ts'
import type { FaultAtPath, FieldPath } from './fault.ts'

/** Faults and warnings, each at the field that caused it. */
export interface CheckedAsks {
  readonly faults: readonly FaultAtPath[]
  readonly warnings: readonly { readonly path: FieldPath; readonly message: string }[]
}

/** Most asks, and most denials, of one manifest: every ask is held against every denial. */
export const maxAsks = 256
const maxDenies = 128

/** Checks the collected asks and denials; a pattern that is none is left out of the further checks. */
export const checkAsks = (asks: readonly PlacedAsk[], denies: readonly PlacedDeny[]): CheckedAsks => {
  const tooMany = [...asks.slice(maxAsks, maxAsks + 1), ...denies.slice(maxDenies, maxDenies + 1)]
  if (tooMany.length > 0) {
    const message = `is one too many: at most ${maxAsks} asks and ${maxDenies} denials are taken`
    return {
      faults: tooMany.map(({ path }) => ({ path, message, mend: 'Ask for patterns, as in api.example.com/*.' })),
      warnings: [],
    }
  }
  const faults: FaultAtPath[] = []
  const isPattern = ({ capability, path }: PlacedDeny): boolean => {
    try {
      findConflicts([capability], [])
      return true
    } catch (thrown) {
      const { message, hint } = asBulkheadError(thrown)
      faults.push({ path, message: `is no capability: ${message}`, mend: hint })
      return false
    }
  }
  const goodAsks = asks.filter(isPattern)
  const goodDenies = denies.filter(isPattern).map((deny) => deny.capability)
  const byText = new Map(goodAsks.map((ask) => [ask.capability, ask.path]))
  const texts = [...byText.keys()]
  for (const { ask, deny } of findConflicts(texts, goodDenies)) {
    faults.push({
      path: byText.get(ask) ?? [],
      message: `asks for ${escapeLine(ask, 200)}, which the manifest also denies (${escapeLine(deny, 200)})`,
      mend: 'Remove the ask, or narrow the denial.',
    })
  }
  const warnings = broadWarnings(texts).map(({ pattern, message }) => ({ path: byText.get(pattern) ?? [], message }))
  return { faults, warnings }
}
