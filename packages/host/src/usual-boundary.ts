// Where plugins run when neither policy nor their manifest says: in a jail, for nobody vouched for them, where the system can
// confine a process; on a thread else.

import type { Cells } from '@bulkhead/cell'
import type { Boundary, LogSink, Clock, Tier } from '@bulkhead/kernel'

/** See the file's head. */
export interface UsualBoundary {
  /** What is known so far: a jail, until one could not be started. */
  readonly known: Boundary
  /** Finds out for a plugin of this tier; the first time, a jail is started to see. */
  find(tier: Tier): Promise<Boundary>
}

/** Tiers whose plugins run in cells. The others bring confinements of their own, and a boundary changes nothing for them. */
const tiersOfCells: readonly Tier[] = ['script', 'wasm']

/** Made once for a host; that jails cannot be had is logged once. */
export const makeUsualBoundary = (
  cells: Pick<Cells, 'jailFault'>,
  { log, clock }: { readonly log: LogSink | undefined; readonly clock: Clock },
): UsualBoundary => {
  let known: Boundary = 'jail'
  let finding: Promise<void> | undefined
  const find = async (): Promise<void> => {
    const fault = await cells.jailFault()
    if (fault === undefined) return
    known = 'thread'
    const message = `plugins that need no jail run on threads of this process, for there can be none: ${fault.message} ${fault.hint ?? ''}`
    log?.write({ time: clock.now(), level: 'info', message: message.trim() })
  }
  return {
    get known() {
      return known
    },
    find: async (tier) => {
      if (!tiersOfCells.includes(tier)) return 'thread'
      finding ??= find()
      await finding
      return known
    },
  }
}
