// What the WASI functions of one module share.

import type { WasmMemory } from '@bulkhead/cell'
import type { CallState } from '../call-state.ts'
import type { Guard } from '../import-guard.ts'
import type { StandardStreams } from './streams.ts'

/** What WASI acts on. */
export interface WasiParts {
  readonly state: CallState
  readonly guard: Guard
  readonly streams: StandardStreams
  readonly outputBytes: number
  /** Calls back after a time, ms. */
  after(ms: number, run: () => void): Disposable
  /** Memory of the module that imports the functions. */
  readonly memory: () => WasmMemory | undefined
}
