// What a caller may say of one call, checked: a bound that would bound nothing is refused, not ignored.

import { BulkheadError } from '@bulkhead/kernel'
import type { CallLimits, CallOptions } from '../api.ts'

const callLimits = {
  wallMs: true,
  hostCallMs: true,
  outputBytes: true,
  hostCalls: true,
  fileSizeBytes: true,
  httpResponseBytes: true,
  storageBytes: true,
} as const satisfies Record<keyof CallLimits, true>

/**
 * Checks the bounds of a call. One that is no number would compare as neither more nor less; a limit of the loaded
 * copy (memory, say) cannot change for one call.
 * @throws BulkheadError `usage.invalid`
 */
export const checkCallOptions = ({ timeoutMs, limits = {} }: CallOptions): void => {
  for (const name of Object.keys(limits)) {
    if (Object.hasOwn(callLimits, name)) continue
    throw new BulkheadError('usage.invalid', `limits.${name.slice(0, 40)} cannot be set for one call`, {
      hint: `Set it in the manifest or in policy.limits; a call may set ${Object.keys(callLimits).join(', ')}.`,
    })
  }
  for (const [name, value] of Object.entries({ timeoutMs, ...limits })) {
    if (value === undefined || (typeof value === 'number' && value > 0)) continue
    throw new BulkheadError('usage.invalid', `the call's ${name} must be a positive number`, {
      hint: 'Leave it out for no bound beyond the plugin’s own.',
    })
  }
}
