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

const ended = (state: CallState, engine: Engine, thrown: unknown): BulkheadError => {
  const error = state.end(thrown instanceof BulkheadError ? thrown : engine.classify(thrown))
  // The guest traps before it could catch the exception. An exit is no end of the task: a start-up may exit with 0.
  if (error.code !== 'plugin.exit' && state.task !== undefined) engine.end(state.task, error)
  return error
}

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
  /** A function that answers at once and says the same to everybody, so that a guest may ask it before its first call. */
  constant:
    (run: HostImport): WasmImportValue =>
    (...args: WasmValue[]) => {
      if (!state.isStarting) state.check()
      try {
        return run(...args)
      } catch (thrown) {
        throw ended(state, engine, thrown)
      }
    },
  /** A function that may wait for the host; the guest is suspended meanwhile, and its time stands still. */
  waiting: (run: WaitingImport): WasmImportValue => engine.suspending(guarded(state, engine, run)),
  /** One that waits because the guest wants to: that is the guest's time. */
  sleeping: (run: WaitingImport): WasmImportValue =>
    engine.suspending(guarded(state, engine, run), { isGuestTime: true }),
})

const guarded =
  (state: CallState, engine: Engine, run: WaitingImport): WaitingImport =>
  async (...args) => {
    state.check()
    try {
      const value = await run(...args)
      state.check()
      return value
    } catch (thrown) {
      throw ended(state, engine, thrown)
    }
  }

/** See {@link makeGuard}. */
export type Guard = ReturnType<typeof makeGuard>
