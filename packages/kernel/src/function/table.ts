// The table of host functions that one host offers.

import { BulkheadError } from '../errors.ts'
import { nearestNames } from '../text/nearest.ts'
import type { AnyHostFunction } from './host-function.ts'

/** Host functions by name. */
export interface FunctionTable {
  get(name: string): AnyHostFunction | undefined
  /** Sorted. */
  readonly names: readonly string[]
  /** A hint that names what the caller may have meant. */
  nearestHint(name: string): string
}

/**
 * Makes the table. Names are unique: an embedding program cannot replace a built-in by accident.
 * @throws BulkheadError `config.invalid` for a name that is taken or not dotted lower case
 */
export const makeFunctionTable = (functions: readonly AnyHostFunction[]): FunctionTable => {
  const byName = new Map<string, AnyHostFunction>()
  for (const fn of functions) {
    if (!/^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/.test(fn.name)) {
      throw new BulkheadError('config.invalid', `"${fn.name}" is not a host function name`, {
        hint: 'Use lower-case words joined by dots, for example orders.lookup.',
      })
    }
    if (byName.has(fn.name)) throw new BulkheadError('config.invalid', `the host function ${fn.name} is declared twice`)
    byName.set(fn.name, fn)
  }
  const names = [...byName.keys()].sort()
  return {
    get: (name) => byName.get(name),
    names,
    nearestHint: (name) => {
      const near = nearestNames(name, names)
      return near.length === 0 ? `This host offers ${names.join(', ')}.` : `Did you mean ${near.join(' or ')}?`
    },
  }
}
