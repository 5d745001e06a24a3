// The engine's WebAssembly object, with the types that the benchmark uses of it, and what a metered module imports. Kernels
// run outside of any host: what is compared is the code, not the way to it.

import { type MeteredModule, meterModule, meterNamespace } from '@bulkhead/meter'

/** A compiled module. Opaque. */
export type WasmModule = object & { readonly [Symbol.toStringTag]: string }
/** A running module. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}
/** Imports by module and name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => object
  readonly Global: new (type: { value: 'i32' | 'i64'; mutable: boolean }, value: number | bigint) => object
  readonly Suspending: new (run: () => Promise<void>) => object
}

/** See the file's head. */
export const engine: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly

/** What is written into a module beside the epoch checks, which always are. */
export interface Metering {
  readonly fuel: boolean
}

/** More than any kernel uses. */
const plenty = 1n << 60n

/** Rewrites a module as the wasm tier does. @throws Error when it is refused */
export const meter = (bytes: Uint8Array, { fuel }: Metering): MeteredModule => {
  const result = meterModule(bytes, {
    maxMemoryPages: 2048,
    maxTableElements: 100_000,
    maxModuleBytes: 2 ** 24,
    fuel,
    validate: (given) => (engine.validate(given) ? undefined : 'the engine refuses it'),
  })
  if (result.ok) return result.module
  throw new Error(`the meter refuses the module: ${result.fault.message}`)
}

/** What stands for a thread's registers: a flag that nobody raises, and fuel that never ends. */
export const meterImports = ({ memories }: MeteredModule): WasmImports => ({
  [meterNamespace]: {
    epoch: new engine.Memory({ initial: 1, maximum: 1, shared: true }),
    state: new engine.Global({ value: 'i32', mutable: true }, 0),
    fuel: new engine.Global({ value: 'i64', mutable: true }, plenty),
    allocation: new engine.Global({ value: 'i64', mutable: true }, plenty),
    interrupt: () => 0,
    yield: new engine.Suspending(async () => undefined),
    ...Object.fromEntries(
      memories
        .filter(({ own }) => own)
        .map(({ from, min, max }) => [from.name, new engine.Memory({ initial: min, maximum: max ?? min })]),
    ),
  },
})
