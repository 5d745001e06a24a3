// The blocks that are open at a place of a function: how many operands lie below each, where its label is after rewriting,
// and what can have been executed since the last check on any way to its end.

import { feature, invalid } from './fault.ts'

/** Deepest nesting of blocks in one function. */
export const deepest = 10_000

/** Kinds of blocks. */
export const blockKinds = { function: 0, block: 1, loop: 2, if: 3, try: 4, tryTable: 5 } as const

const array = (): Int32Array => new Int32Array(deepest + 1)

/** See the file's head. Typed arrays, for one is reused for all functions. */
export class Labels {
  depth = 0
  /** Labels that are open after rewriting. */
  moved = 0
  readonly kind = new Uint8Array(deepest + 1)
  /** Index after rewriting of each label, counted from the outermost. */
  readonly place = array()
  /** Operands below the block, and what it takes and gives. */
  readonly below = array()
  readonly parameters = array()
  readonly results = array()
  /** Whether a check was met on every way to the block's start. */
  readonly checked = new Uint8Array(deepest + 1)
  /** Most cost since a check, anywhere in the block. */
  readonly peak = array()
  /** The place that pays for calls at the block's start, -1 for none; and the one at a loop's head. */
  readonly payer = array()
  readonly ownPayer = array()
  /** The stretch that code at the block's start belongs to. */
  readonly stretch = array()
  /** Whether the code after the block's end is paid for by itself. */
  readonly arm = new Uint8Array(deepest + 1)

  // For loops: where they and their bodies begin, weight by then, where their heads are written.
  readonly start = array()
  readonly bodyStart = array()
  readonly weight = array()
  readonly head = array()
  readonly headEnd = array()

  reset(): void {
    this.depth = 0
    this.moved = 0
  }

  /** Opens a block that stands for `labels` labels after rewriting, the innermost of which is its own. */
  push(kind: number, labels: number): number {
    const { depth } = this
    if (depth === deepest) throw feature(`a function nests blocks more than ${deepest} deep`)
    this.kind[depth] = kind
    this.arm[depth] = 0
    this.moved += labels
    this.place[depth] = this.moved - 1
    this.depth = depth + 1
    return depth
  }

  /** Closes the innermost block; answers its place in the arrays. */
  pop(labels: number): number {
    this.depth--
    this.moved -= labels
    return this.depth
  }

  /** A large branch table stands here: what comes after the end of each block around it, out to a loop, is an arm of its own. */
  partArms(): void {
    for (let top = this.depth - 1; top > 0 && this.kind[top] !== blockKinds.loop; top--) this.arm[top] = 1
  }

  /** The relative depth after rewriting of a relative depth. @throws ModuleFault when there is no such label */
  map(relative: number): number {
    const at = this.depth - 1 - relative
    if (at < 0) throw invalid(`a branch leads to label ${relative}, which does not exist`)
    return this.moved - 1 - (this.place[at] as number)
  }
}
