// The public face of the fs service, by hand.

import { type AnyHostFunction, defineHostFunction, makeTurnQueue } from '@bulkhead/kernel'
import { makeContentFunctions } from './content-functions.ts'
import { makeEntryFunctions } from './entry-functions.ts'

export { maxListEntries } from './entry-functions.ts'

/** File operations of one principal that run at once; each holds a descriptor for every folder on its way. */
export const maxOperations = 16

/** The fs host functions. They need no port: what they may touch is on the permit. */
export const makeFsFunctions = (): AnyHostFunction[] => {
  const turns = makeTurnQueue(maxOperations)
  return [...makeContentFunctions(), ...makeEntryFunctions()].map((fn) =>
    defineHostFunction({
      ...fn,
      run: async (permit, context) => {
        using _turn = await turns.take(context.call.principal.id, context.signal)
        return (await fn.run(permit, context)) as unknown
      },
    }),
  )
}
