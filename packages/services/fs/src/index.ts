// The public face of the fs service, by hand.

import type { AnyHostFunction } from '@bulkhead/kernel'
import { makeContentFunctions } from './content-functions.ts'
import { makeEntryFunctions } from './entry-functions.ts'

export { maxListEntries } from './entry-functions.ts'

/** The fs host functions. They need no port: what they may touch is on the permit. */
export const makeFsFunctions = (): AnyHostFunction[] => [...makeContentFunctions(), ...makeEntryFunctions()]
