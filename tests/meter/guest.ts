// A metered guest of a test: assembled from text, run with registers that the test holds.

import wabt from 'wabt'
import type { MeterOptions } from '@bulkhead/meter'
import { engine, type WasmImports } from '../../packages/meter/fuzz/engine.ts'
import { meterOrThrow, Registers } from '../../packages/meter/fuzz/metering.ts'
import { bounded } from './bounded.ts'

const toolkit = await wabt()

const features = {
  bulk_memory: true,
  exceptions: true,
  extended_const: true,
  multi_memory: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
}

/** Assembles text. Exceptions in the legacy encoding. */
export const wat = (source: string): Uint8Array => {
  const parsed = toolkit.parseWat('guest.wat', source, features)
  try {
    return parsed.toBinary({}).buffer
  } finally {
    parsed.destroy()
  }
}

/** A guest that runs. */
export interface Guest {
  readonly registers: Registers
  readonly exports: Readonly<Record<string, unknown>>
  /** Calls an export; answers how it ended. A guest that does not come back fails the test. */
  call(name: string, ...args: readonly unknown[]): Ending
}

/** How a call ended. */
export interface Ending {
  readonly result?: unknown
  readonly thrown?: unknown
}

/** Meters and instantiates a guest. */
export const openGuest = (
  source: string | Uint8Array,
  { imports = {}, ...options }: Partial<MeterOptions> & { readonly imports?: WasmImports } = {},
): Guest => {
  const module = meterOrThrow(typeof source === 'string' ? wat(source) : source, options)
  const registers = new Registers()
  const instance = new engine.Instance(new engine.Module(module.bytes), { ...imports, ...registers.importsFor(module) })
  const { exports } = instance
  return {
    registers,
    exports,
    call: (name, ...args) => {
      try {
        const run = exports[name === 'start' ? (module.startExport ?? '') : name] as (
          ...given: readonly unknown[]
        ) => unknown
        return { result: bounded(() => run(...args)) }
      } catch (thrown) {
        return { thrown }
      }
    },
  }
}

/** Whether a call ended with the trap by which the meter ends guests. */
export const isEnded = ({ thrown }: Ending): boolean =>
  thrown instanceof engine.RuntimeError && (thrown as Error).message === 'unreachable'
