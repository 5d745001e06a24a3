// One validation: its budget, its depth and the issues found so far. Every check pays before it works, so that the
// time of a validation is bounded by its budget, whatever the schema and the value are.

import { BulkheadError } from '../errors.ts'
import { fieldName } from './field-path.ts'

/** The place of a value while it is validated; a list from the inside out, so that a step down costs one object. */
export interface Place {
  readonly parent: Place | undefined
  readonly key: string | number
}

/** Tells whether the value passes, and notes issues with the run. */
export type Check = (value: unknown, place: Place | undefined, run: ValidationRun) => boolean

/** What a run applies: a compiled subschema, as far as it is concerned. */
interface Applicable {
  readonly checks: readonly Check[]
}

/** One way in which a value does not fit its schema. */
export interface SchemaIssue {
  /** Field path, `items[2].name`; empty for the whole value. */
  readonly path: string
  /** Says what is expected, as in `must be a number`. */
  readonly message: string
}

/** Most issues that one validation reports. */
const maxIssues = 50
/** Deepest nesting of schemas applied within schemas: above what any value within its caps needs, below any stack. */
const maxDepth = 1000
/** Characters that are read in the time of one step. */
const charactersPerStep = 256

/** The state of one validation. */
export class ValidationRun {
  readonly issues: SchemaIssue[] = []
  readonly #maxSteps: number
  #steps = 0
  #depth = 0
  #quiet = 0

  constructor(maxSteps: number) {
    this.#maxSteps = maxSteps
  }

  /** Takes steps from the budget. @throws BulkheadError `schema.budget` */
  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#maxSteps) {
      throw new BulkheadError('schema.budget', `validating took more than ${this.#maxSteps} steps`)
    }
  }

  /** Pays for reading text; `weight` is the work for each character. */
  spendText(length: number, weight = 1): void {
    this.spend(1 + Math.floor((length * weight) / charactersPerStep))
  }

  /** Pays for matching a pattern: each character may visit each instruction, which is slower than reading it. */
  spendMatching(length: number, patternSize: number): void {
    this.spendText(length, patternSize * 8)
  }

  /** Goes one level down for the time of `work`. @throws BulkheadError `schema.budget` */
  nest<Result>(work: () => Result): Result {
    if (++this.#depth > maxDepth) {
      throw new BulkheadError('schema.budget', `validating nests deeper than ${maxDepth} levels`)
    }
    const result = work()
    this.#depth--
    return result
  }

  /** Applies a subschema. */
  apply(node: Applicable, value: unknown, place: Place | undefined): boolean {
    this.spend(1 + node.checks.length)
    if (++this.#depth > maxDepth) {
      throw new BulkheadError('schema.budget', `validating nests deeper than ${maxDepth} levels`)
    }
    let fits = true
    for (const check of node.checks) {
      if (!check(value, place, this)) fits = false
      if (!fits && this.#quiet > 0) break
    }
    this.#depth--
    return fits
  }

  /** Applies a subschema without noting issues: for alternatives and conditions. */
  try(node: Applicable, value: unknown, place: Place | undefined): boolean {
    this.#quiet++
    const fits = this.apply(node, value, place)
    this.#quiet--
    return fits
  }

  /** Notes an issue, unless only the answer matters; false for the caller to return. */
  fail(place: Place | undefined, message: string): false {
    if (this.#quiet === 0 && this.issues.length < maxIssues) this.issues.push({ path: pathOf(place), message })
    return false
  }
}

const pathOf = (place: Place | undefined): string => {
  const parts: (string | number)[] = []
  for (let at = place; at !== undefined; at = at.parent) parts.unshift(at.key)
  return fieldName(parts)
}
