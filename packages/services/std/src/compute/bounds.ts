// What one computation takes in and gives out at the most. The thread is bounded by time besides; these bound what the host's own
// loop has to do with a value before and after.

import { BulkheadError } from '@bulkhead/kernel/wire'

/** Longest text that a function takes, UTF-16 code units. */
export const maxTextLength = 4 * 1024 * 1024
/** Longest result as JSON text, UTF-16 code units. */
export const maxResultLength = 8 * 1024 * 1024
/** Most values in a result: cells, matches, members. The host takes no more members in an input either. */
export const maxResultValues = 250_000
/** Deepest nesting of a result; the host takes inputs of no more. */
const maxResultDepth = 100

/** @throws BulkheadError `limit.output` */
export const tooMuch = (what: string): BulkheadError =>
  new BulkheadError('limit.output', `the result ${what}`, { hint: 'Compute it in parts.' })

/** Counts what goes into a result, and refuses before it is made rather than after. */
export class ResultBudget {
  #length = 0
  #values = 0

  /** Values, one unless told, whose text is so long. @throws BulkheadError `limit.output` */
  add(length: number, values = 1): void {
    this.#length += length
    this.#values += values
    if (this.#length > maxResultLength) throw tooMuch(`is longer than ${maxResultLength} characters`)
    if (this.#values > maxResultValues) throw tooMuch(`holds more than ${maxResultValues} values`)
  }
}

/**
 * The JSON text of a value that was made from hostile text. A few aliases can stand for a value without end, so all
 * of it is counted as it would be written, shared parts each time they come.
 * @throws BulkheadError `limit.output`, `input.too-deep`, `input.invalid` for a number that JSON has not
 */
export const writeResult = (value: unknown): string => {
  const budget = new ResultBudget()
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: one, depth } = next
    if (depth > maxResultDepth) {
      throw new BulkheadError('input.too-deep', `the result is nested deeper than ${maxResultDepth} levels`)
    }
    if (typeof one === 'number' && !Number.isFinite(one)) {
      throw new BulkheadError('input.invalid', `the text holds ${one}, which JSON has not`, {
        hint: 'Write it as text, in quotation marks.',
      })
    }
    budget.add(typeof one === 'string' ? one.length : 1)
    if (typeof one !== 'object' || one === null) continue
    if (Array.isArray(one) && one.length > maxResultValues) throw tooMuch(`holds more than ${maxResultValues} values`)
    for (const [key, member] of Object.entries(one)) {
      if (!Array.isArray(one)) budget.add(key.length)
      open.push({ value: member, depth: depth + 1 })
    }
  }
  return JSON.stringify(value)
}
