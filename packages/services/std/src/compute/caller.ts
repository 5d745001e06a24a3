// On whose behalf a host call computes.

import type { RunContext } from '@bulkhead/kernel'
import type { ComputeFor } from './computer-node.ts'

/** Its principal's turn, and its own time. */
export const callerOf = ({ call, signal }: RunContext): ComputeFor => ({ principal: call.principal.id, signal })
