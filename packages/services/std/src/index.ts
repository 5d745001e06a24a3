// The public face of the standard library's host side, by hand: functions that compute and need no capability.

import type { AnyHostFunction, Clock } from '@bulkhead/kernel'
import { Computer, type ComputerOptions } from './compute/computer-node.ts'
import { makeGraphFunctions } from './graph/graph-functions.ts'
import { makeTextFunctions } from './text-functions.ts'
import { makeTimeFunctions } from './time/time-functions.ts'

/** The functions, and the threads behind them; disposing ends the threads. */
export interface StandardLibrary extends AsyncDisposable {
  readonly functions: readonly AnyHostFunction[]
}

/** Opens graph.*, yaml.*, csv.*, regex.* and time.*. No thread is started before one is needed. */
export const openStandardLibrary = ({
  clock,
  ...options
}: ComputerOptions & { readonly clock: Pick<Clock, 'now'> }): StandardLibrary => {
  const computer = new Computer(options)
  return {
    functions: [...makeGraphFunctions(computer), ...makeTextFunctions(computer), ...makeTimeFunctions({ clock })],
    [Symbol.asyncDispose]: () => computer[Symbol.asyncDispose](),
  }
}
