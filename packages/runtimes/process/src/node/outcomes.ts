// What the bootstrap says of a call, as the host takes it: a value, or a typed error with the place in the author's source. It
// comes from a process that a hostile plugin may hold, so it chooses among what a guest may cause, and nothing more.

import { errorOfFailure, errorOfLoad, type Positions, parseDescription } from '@bulkhead/bundle/answers'
import { BulkheadError, type Json, type WireValue } from '@bulkhead/kernel'

/** V8's own words for a stack that is full. */
const stackOverflow = 'Maximum call stack size exceeded'

/** Of whom it is said. */
export interface OutcomeOf {
  readonly name: string
  readonly action: string
  readonly positions: Positions
}

/** @throws BulkheadError `plugin.failed`, `limit.stack`, `artifact.compile`, `action.unknown`, `output.invalid` */
export const readOutcome = (given: WireValue, { name, action, positions }: OutcomeOf): WireValue => {
  const told = typeof given === 'object' && given !== null && !(given instanceof Uint8Array) ? given : {}
  const member = (key: string): WireValue | undefined =>
    Object.hasOwn(told, key) ? (told as Record<string, WireValue>)[key] : undefined
  const value = member('value')
  if (value !== undefined) return value
  const failure = member('failure') as Json | undefined
  if (failure !== undefined) throw failureOf(failure, positions)
  const loadFailure = member('loadFailure') as Json | undefined
  if (loadFailure !== undefined) throw errorOfLoad(parseDescription(JSON.stringify(loadFailure)), positions)
  if (member('unknown') === true) {
    throw new BulkheadError('action.unknown', `${name} exports no action "${action.slice(0, 100)}"`, {
      hint: 'A manifest only declares an action: export a function of that name, or correct the name in the manifest.',
    })
  }
  if (member('stuck') === true) {
    throw new BulkheadError('plugin.failed', 'the plugin waits for a promise that nothing will settle', {
      hint: 'Await only host calls, timers and promises that your own code resolves.',
      details: { name: 'NeverSettles' },
    })
  }
  throw new BulkheadError('output.invalid', `the process of ${name} answered in a way of its own`)
}

const failureOf = (told: Json, positions: Positions): BulkheadError => {
  const failure = parseDescription(JSON.stringify(told))
  const error = errorOfFailure(failure, positions)
  if (failure.name !== 'RangeError' || failure.message !== stackOverflow) return error
  return new BulkheadError('limit.stack', 'the plugin recursed too deeply', {
    ...(error.details === undefined ? {} : { details: error.details }),
  })
}
