// What the bootstrap says of a call, as the host takes it: a value, or a typed error with the place in the author's source. It
// comes from a process that a hostile plugin may hold, so it chooses among what a guest may cause, and nothing more.

import { errorOfFailure, errorOfLoad, type Positions, parseDescription } from '@bulkhead/bundle/answers'
import { BulkheadError, type WireValue } from '@bulkhead/kernel'

/** V8's own words for a stack that is full. */
const stackOverflow = 'Maximum call stack size exceeded'

/** Of whom it is said. */
export interface OutcomeOf {
  readonly name: string
  /** Absent: its load. */
  readonly action?: string
  readonly positions: Positions
  /** Most bytes of an output. */
  readonly outputBytes: number
}

/** @throws BulkheadError `plugin.failed`, `limit.stack`, `limit.output`, `artifact.compile`, `action.unknown`, `output.invalid` */
export const readOutcome = (given: WireValue, about: OutcomeOf): WireValue => {
  const { name, action, positions } = about
  const told = typeof given === 'object' && given !== null && !(given instanceof Uint8Array) ? given : {}
  const member = (key: string): WireValue | undefined =>
    Object.hasOwn(told, key) ? (told as Record<string, WireValue>)[key] : undefined
  const value = member('value')
  if (value !== undefined) return value
  for (const [key, make] of [
    ['failure', errorOfFailure],
    ['loadFailure', errorOfLoad],
  ] as const) {
    const described = member(key)
    if (described === undefined) continue
    const failure = parseDescription(JSON.stringify(described))
    const error = make(failure, positions)
    if (failure.name !== 'RangeError' || failure.message !== stackOverflow) throw error
    const { name: _rangeError, ...where } = error.details ?? {}
    const who = action === undefined ? 'the plugin' : `${name}.${action}`
    throw new BulkheadError('limit.stack', `${who} recursed too deeply`, { details: where })
  }
  const excess = member('excess')
  if (excess !== undefined) throw excessError(excess, about)
  if (member('unknown') === true) {
    throw new BulkheadError('action.unknown', `${name} exports no action "${action?.slice(0, 100)}"`, {
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

const excessError = (told: WireValue, { name, action, outputBytes }: OutcomeOf): BulkheadError => {
  const { of, number } = told as { readonly of?: unknown; readonly number?: unknown }
  const most = typeof number === 'number' ? number : 0
  if (of === 'bytes') {
    return new BulkheadError('limit.output', `the output is ${most} bytes; at most ${outputBytes} are taken`)
  }
  const excess = of === 'levels' ? `is nested deeper than ${most} levels` : `has more than ${most} members`
  return new BulkheadError('output.invalid', `the output of ${name}.${action} ${excess}`)
}
