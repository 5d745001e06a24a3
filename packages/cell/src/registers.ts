// The registers of a thread that runs metered guests: a word that says "look up" to whoever runs, the state and the fuel of
// the guest that runs. One guest runs at a time, so all instances of a thread import the same objects.

import { meterNamespace } from '@bulkhead/meter'
import { type WasmGlobal, type WasmImportValue, type WasmMemory, webAssembly } from './web-assembly.ts'

/** Words of the epoch memory, as indexes of 32-bit words. The ticker sees them, so that nothing else may lie there. */
export const epochWords = {
  /** Non-zero: guests leave their code at the next check. Guests read it at address 0. */
  flag: 0,
  /** Non-zero while a guest runs. */
  busy: 1,
  /** Id of a task that the host cancelled, for guests that cannot be paused to hear of it. */
  cancelled: 2,
  /** Set by the code that enters a guest when the guest's code has returned; see entrance.ts. */
  returned: 3,
  /** What it returned. */
  result: 4,
} as const

/** The registers of one thread. */
export interface Registers {
  readonly words: Int32Array
  readonly epoch: WasmMemory
  readonly state: WasmGlobal
  readonly fuel: WasmGlobal
  readonly allocation: WasmGlobal
}

/** Makes registers. */
export const makeRegisters = (): Registers => {
  const epoch = new webAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  return {
    epoch,
    words: new Int32Array(epoch.buffer, 0, 16),
    state: new webAssembly.Global({ value: 'i32', mutable: true }, 0),
    fuel: new webAssembly.Global({ value: 'i64', mutable: true }, 0n),
    allocation: new webAssembly.Global({ value: 'i64', mutable: true }, 0n),
  }
}

/** The imports of a metered module that are the same for all. */
export const registerImports = (
  registers: Registers,
  functions: { interrupt(): number; pause: WasmImportValue },
): Readonly<Record<string, WasmImportValue>> => ({
  epoch: registers.epoch,
  state: registers.state,
  fuel: registers.fuel,
  allocation: registers.allocation,
  interrupt: functions.interrupt,
  yield: functions.pause,
})

/** Where the meter's imports live. */
export const registersNamespace: string = meterNamespace
