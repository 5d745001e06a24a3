// What plugins write into notes in a day. A vault is a folder of the user's: nobody else bounds what lies there.

import { BulkheadError, type DailyLedger, type RunContext } from '@bulkhead/kernel'

/**
 * Writes so many bytes on the day's account. What was not written, because the change was refused, is not counted.
 * @throws BulkheadError `limit.notes-daily`, or whatever `write` throws
 */
export const onAccount = async <T>(
  ledger: DailyLedger | undefined,
  { bytes, write }: { readonly bytes: number; readonly write: () => Promise<T> },
  { call: { principal, limits }, signal }: RunContext,
): Promise<T> => {
  const quota = limits.notesDailyBytes
  if (ledger === undefined || quota === undefined || bytes === 0) return write()
  const taken = await ledger.take(principal.id, bytes, { quota, signal })
  // What cannot be returned is lost to the plugin, never to the limit.
  const giveBack = (): Promise<void> => ledger.giveBack(principal.id, taken).catch(() => {})
  if (taken < bytes) {
    await giveBack()
    throw new BulkheadError('limit.notes-daily', `${principal.name} may write ${quota} bytes into notes in one day`)
  }
  try {
    return await write()
  } catch (thrown) {
    // A write that was given up may take place all the same.
    if (!signal.aborted) await giveBack()
    throw thrown
  }
}
