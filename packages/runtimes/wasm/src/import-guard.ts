// Wraps host functions for import by a guest: nothing runs once the call is over, an error of the host is remembered
// as the call's end, and no JavaScript exception of ours reaches the guest as anything but that.

import type { Engine, WasmImportValue } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CallState } from './call-state.ts'

/** Values that cross into a guest. */
export type WasmValue = number | bigint

/** A host function as a guest imports it. */
export type HostImport = (...args: WasmValue[]) => WasmValue | void
/** One that may wait. */
export type WaitingImport = (...args: WasmValue[]) => Promise<WasmValue | void>

const ended = (state: CallState, engine: Engine, thrown: unknown): BulkheadError =>
  state.end(thrown instanceof BulkheadError ? thrown : engine.classify(thrown))

/** Makes importable functions for one instance. */
export const makeGuard = (state: CallState, engine: Engine) => ({
  /** A function that answers at once. */
  now:
    (run: HostImport): WasmImportValue =>
    (...args: WasmValue[]) => {
      state.check()
      try {
        return run(...args)
      } catch (thrown) {
        throw ended(state, engine, thrown)
      }
    },
  /** A function that may wait; the guest is suspended meanwhile. */
  waiting: (run: WaitingImport): WasmImportValue =>
    engine.suspending(async (...args: WasmValue[]) => {
      state.check()
      try {
        const value = await run(...args)
        state.check()
        return value
      } catch (thrown) {
        throw ended(state, engine, thrown)
      }
    }),
})

/** See {@link makeGuard}. */
export type Guard = ReturnType<typeof makeGuard>
