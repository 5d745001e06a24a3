// What rewriting a body works with, and where the guest's own hints on branches go when it moves.

import type { Checks } from './checks.ts'
import type { Cursor } from './cursor.ts'
import type { Flow } from './flow.ts'
import type { GivenHints, Hints } from './hints.ts'
import { op } from './instructions.ts'
import type { Labels } from './labels.ts'
import type { Layout } from './layout.ts'
import type { Payers } from './payers.ts'
import type { OperandRewriter } from './operand-rewriter.ts'

/** What bodies are rewritten with. */
export interface BodyParts {
  readonly cursor: Cursor
  readonly labels: Labels
  readonly checks: Checks
  readonly flow: Flow
  readonly hints: Hints
  readonly given: GivenHints
  readonly layout: Layout
  readonly operands: OperandRewriter
  readonly payers: Payers
  readonly fuel: boolean
  /** Whether any code is of the standard encoding of exceptions, and whether any is of the legacy one. */
  readonly met: { exceptions: boolean; legacy: boolean }
  /** By function: operands that a call leaves beyond those that it takes. */
  readonly callEffects: Int32Array
  /** By type, likewise. */
  readonly typeEffects: Int32Array
}

/** Where the instruction stands that the guest's next hint is for; -1 when there is none. */
export const hintPlace = ({ cursor, given }: BodyParts): number => (given.offset < 0 ? -1 : cursor.start + given.offset)

/** Moves a hint to where its instruction will stand; answers where the next one's does. */
export const moveHint = (parts: BodyParts, start: number, opcode: number): number => {
  const { cursor, checks, hints, given } = parts
  cursor.flush(start)
  if (opcode === op.if || opcode === op.branchIf) hints.add(cursor.out.at - checks.bodyStart, given.value)
  given.next()
  return hintPlace(parts)
}
