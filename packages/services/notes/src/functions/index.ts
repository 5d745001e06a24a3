// All note functions together.

import type { AnyHostFunction, DailyLedger } from '@bulkhead/kernel'
import type { Vaults } from '../vaults-node.ts'
import { makeLinkFunctions } from './link-functions.ts'
import { makeReadFunctions } from './read-functions.ts'
import { makeRenameFunction } from './rename-function.ts'
import { makeSearchFunctions } from './search-functions.ts'
import { makeTraverseFunction } from './traverse-function.ts'
import { makeWriteFunctions } from './write-functions.ts'

/** Declares notes.* over the vaults; `ledger` counts what is written into them, and without one nothing does. */
export const makeNotesFunctions = (vaults: Vaults, ledger: DailyLedger | undefined): AnyHostFunction[] => [
  ...makeReadFunctions(vaults),
  ...makeSearchFunctions(vaults),
  ...makeLinkFunctions(vaults),
  makeTraverseFunction(vaults),
  ...makeWriteFunctions(vaults, ledger),
  makeRenameFunction(vaults),
]
