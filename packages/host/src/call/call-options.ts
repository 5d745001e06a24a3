// What a caller may say of one call, checked: a bound that would bound nothing is refused, not ignored. What it says
// only ever tightens; that is done where the limits are laid together.

import { BulkheadError, isLimitValue, type Limits } from '@bulkhead/kernel'
import type { CallLimits, CallOptions } from '../api.ts'

/** The limits that one call may tighten. */
export const callLimits = {
  cpuMs: true,
  wallMs: true,
  hostCallMs: true,
  fuel: true,
  outputBytes: true,
  hostCalls: true,
  fileSizeBytes: true,
  httpResponseBytes: true,
  networkBytes: true,
  networkDailyBytes: true,
  storageBytes: true,
  notesDailyBytes: true,
} as const satisfies Record<keyof CallLimits, true>

/**
 * Checks the bounds of a call. One that is no number would compare as neither more nor less; a limit of the loaded
 * copy (memory, say) cannot change for one call; fuel is counted only in a copy that was loaded with a fuel limit.
 * @throws BulkheadError `usage.invalid`
 */
export const checkCallOptions = ({ timeoutMs, limits }: CallOptions, loaded?: Pick<Limits, 'fuel'>): void => {
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) {
    throw invalid('timeoutMs', 'must be a positive number')
  }
  if (limits === undefined) return
  for (const [name, value] of Object.entries(limits)) {
    if (!isCallLimit(name)) {
      throw new BulkheadError('usage.invalid', `limits.${name.slice(0, 40)} cannot be set for one call`, {
        hint: `Set it in the manifest or in policy.limits; a call may set ${Object.keys(callLimits).join(', ')}.`,
      })
    }
    if (value !== undefined && !isLimitValue(name, value)) throw invalid(name, 'must be a positive number')
  }
  if (limits.fuel !== undefined && loaded !== undefined && loaded.fuel === undefined) {
    throw new BulkheadError('usage.invalid', 'limits.fuel: the fuel of this plugin is not counted', {
      hint: 'Give it a fuel limit in policy.limits or its manifest; a call may then set a lower one.',
    })
  }
}

const isCallLimit = (name: string): name is keyof CallLimits => Object.hasOwn(callLimits, name)

const invalid = (name: string, what: string): BulkheadError =>
  new BulkheadError('usage.invalid', `the call's ${name} ${what}`, {
    hint: 'Leave it out for no bound beyond the plugin’s own; counts are whole numbers.',
  })
