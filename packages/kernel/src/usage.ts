// What host functions used up on behalf of one call, so that its metrics can tell. A side table by the call's context:
// the context stays frozen, and what is kept here dies with it. Limits are enforced where the bytes flow, not here.

import type { CallContext } from './call/context.ts'

/** Figures of one call; absent: nothing of the kind was used. */
export interface CallUsage {
  /** Bytes sent and received over the network. */
  readonly networkBytes?: number
  /** Bytes of files read and written. */
  readonly fileBytes?: number
  /** Bytes that the plugin stores in all, after its last write. */
  readonly storageBytes?: number
}

const usages = new WeakMap<CallContext, Partial<Record<keyof CallUsage, number>>>()

const usageFor = (call: CallContext): Partial<Record<keyof CallUsage, number>> => {
  let usage = usages.get(call)
  if (usage === undefined) usages.set(call, (usage = {}))
  return usage
}

/** The call's figures so far. */
export const usageOf = (call: CallContext): CallUsage => ({ ...usages.get(call) })

/** Counts further bytes; returns the call's sum. */
export const addUsage = (call: CallContext, what: 'networkBytes' | 'fileBytes', bytes: number): number => {
  const usage = usageFor(call)
  return (usage[what] = (usage[what] ?? 0) + bytes)
}

/** Notes how much is stored now. */
export const noteStored = (call: CallContext, bytes: number): void => void (usageFor(call).storageBytes = bytes)
