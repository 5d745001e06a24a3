// The engine's WebAssembly object, with the types that the fuzzers use of it. Fuzzers run modules outside of any cell:
// what they compare is the module as it was written with the module as the meter writes it.

/** Numbers of pages and elements are big integers where addresses have 64 bits. */
type Count = number | bigint
/** How large a memory or a table is, and may become. */
export interface WasmSizes {
  readonly initial: Count
  readonly maximum?: Count
  readonly address?: 'i64'
}
/** A compiled module. Opaque. */
export type WasmModule = object & { readonly [Symbol.toStringTag]: string }
/** A memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
}
/** A global. */
export interface WasmGlobal {
  value: unknown
}
/** A table. */
export interface WasmTable {
  readonly length: Count
  get(index: Count): unknown
}
/** A tag. Opaque. */
export type WasmTag = object
/** A thrown exception. */
export interface WasmException {
  is(tag: WasmTag): boolean
  getArg(tag: WasmTag, index: number): unknown
}
/** Imports by module and name. */
export type WasmImports = Record<string, Record<string, unknown>>
/** A running module. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>
}
/** An entry of a module's imports or exports. */
export interface WasmEntry {
  readonly module: string
  readonly name: string
  readonly kind: string
}

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean
  promising(exported: unknown): (...args: readonly unknown[]) => Promise<unknown>
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): WasmEntry[]
    exports(module: WasmModule): Omit<WasmEntry, 'module'>[]
  }
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (limits: WasmSizes & { shared?: boolean }) => WasmMemory
  readonly Table: new (limits: WasmSizes & { element: string }) => WasmTable
  readonly Global: new (type: { value: string; mutable: boolean }, value?: unknown) => WasmGlobal
  readonly Tag: new (type: { parameters: readonly string[] }) => WasmTag
  readonly Exception: new (tag: WasmTag, values: readonly unknown[]) => WasmException
  readonly Suspending: new (run: () => Promise<void>) => object
  readonly RuntimeError: new () => Error
  readonly LinkError: new () => Error
}

/** See the file's head. */
export const engine: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly
