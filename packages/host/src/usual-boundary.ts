// Where plugins run when neither policy nor their manifest says: in a jail, for nobody vouched for them, where the system can
// confine a process; on a thread where it cannot. A jail that failed for want of something else (memory, descriptors, processes) is
// no reason: whoever runs short of it would have lost the wall for good.

import type { Cells } from '@bulkhead/cell'
import { BulkheadError, type Boundary, type Clock, type ErrorCode, type LogSink, type Tier } from '@bulkhead/kernel'

/** See the file's head. */
export interface UsualBoundary {
  /** What is known so far: a jail, until one could not be started. */
  readonly known: Boundary
  /**
   * Finds out for a plugin of this tier; the first time, a jail is started to see.
   * @throws BulkheadError as the start did, where it says nothing of whether the system can confine a process
   */
  find(tier: Tier): Promise<Boundary>
}

/** Tiers whose plugins run in cells. The others bring confinements of their own, and a boundary changes nothing for them. */
const tiersOfCells: readonly Tier[] = ['script', 'wasm']

/** What says that there are none: the system has no sandbox, or the compartments have none to give. */
const lasting: readonly ErrorCode[] = ['sandbox.missing', 'runtime.missing']

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
    if (!lasting.includes(fault.code)) throw notNow(fault)
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
      finding ??= find().catch((thrown: unknown) => {
        finding = undefined
        throw thrown
      })
      await finding
      return known
    },
  }
}

const notNow = (fault: BulkheadError): BulkheadError =>
  new BulkheadError(fault.code, `no jail could be started: ${fault.message}`, {
    hint: `${fault.hint} Only policy.boundary "thread" lets plugins run without jails where there could be some.`,
    cause: fault,
  })
