// What the writers of operands share: the body that is read and written, and the parts of the module that operands refer
// to.

import type { Appended } from './appended.ts'
import type { BulkFunctions } from './bulk-functions.ts'
import type { Checks } from './checks.ts'
import type { Cursor } from './cursor.ts'
import type { Features } from './features.ts'
import type { Labels } from './labels.ts'
import type { Layout } from './layout.ts'
import type { SegmentSizes } from './segment-sizes.ts'
import type { TypeEntry } from './type-section.ts'

/** Parts of the module that operands refer to. */
export interface OperandParts {
  readonly cursor: Cursor
  readonly labels: Labels
  readonly checks: Checks
  readonly appended: Appended
  readonly bulk: BulkFunctions
  readonly layout: Layout
  readonly features: Features
  readonly types: readonly TypeEntry[]
  readonly memories: readonly { readonly is64: boolean }[]
  readonly segments: SegmentSizes
  /** Whether any code is of the standard encoding of exceptions. */
  readonly met: { exceptions: boolean }
}
