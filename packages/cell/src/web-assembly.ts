// The one place that touches the engine's WebAssembly object, with the types that we use of it (TypeScript's own stand
// in lib.dom, which would bring a browser's globals along). Source: WebAssembly JavaScript Interface, and the
// JavaScript Promise Integration proposal for Suspending and promising.

/** A compiled module. Opaque. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}
/** Kind of an import or export. */
export type WasmExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag'
/** One import of a module. */
export interface WasmImportDescriptor {
  readonly module: string
  readonly name: string
  readonly kind: WasmExternalKind
}
/** One export of a module. */
export interface WasmExportDescriptor {
  readonly name: string
  readonly kind: WasmExternalKind
}
/** A linear memory. `buffer` is detached when it grows: never keep a view over an await. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /** Big integers where addresses have 64 bits. */
  grow(pages: number | bigint): number | bigint
}
/** A mutable or constant global. */
export interface WasmGlobal {
  value: number | bigint
}
/** A table. */
export interface WasmTable {
  readonly length: number
  get(index: number): unknown
}
/** Anything that can be imported. */
export type WasmImportValue = ((...args: never[]) => unknown) | WasmMemory | WasmGlobal | WasmTable | object
/** Imports by module and name. */
export type WasmImports = Record<string, Record<string, WasmImportValue>>
/** Exports by name. */
export type WasmExports = Readonly<Record<string, unknown>>
/** An instance. */
export interface WasmInstance {
  readonly exports: WasmExports
}

/** How a memory is made; pages are big integers with 64-bit addresses. */
export type MemoryDescriptor =
  | { readonly initial: number; readonly maximum: number; readonly shared?: boolean }
  | { readonly initial: bigint; readonly maximum: bigint; readonly address: 'i64'; readonly shared?: boolean }

/** The engine's interface, as far as we use it. */
export interface WebAssemblyApi {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): WasmImportDescriptor[]
    exports(module: WasmModule): WasmExportDescriptor[]
    customSections(module: WasmModule, name: string): ArrayBuffer[]
  }
  readonly Instance: new (module: WasmModule, imports?: WasmImports) => WasmInstance
  readonly Memory: new (descriptor: MemoryDescriptor) => WasmMemory
  readonly Table: new (descriptor: { element: 'anyfunc' | 'externref'; initial: number; maximum: number }) => WasmTable
  readonly Global: new (
    descriptor: { value: 'i32' | 'i64' | 'f32' | 'f64'; mutable: boolean },
    value: number | bigint,
  ) => WasmGlobal
  readonly CompileError: new (message?: string) => Error
  readonly LinkError: new (message?: string) => Error
  readonly RuntimeError: new (message?: string) => Error
  readonly SuspendError?: new (message?: string) => Error
  readonly Exception?: new (...args: never[]) => object
  /** JSPI; absent before Node 24. */
  readonly Suspending: new (
    run: (...args: never[]) => unknown,
  ) => object
  promising(exported: unknown): (...args: unknown[]) => Promise<unknown>
  validate(bytes: Uint8Array): boolean
}

/** The engine. */
export const webAssembly: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly

/** Whether guests can wait for host functions (JSPI): Node 24 and later. */
export const hasPromiseIntegration: boolean = 'Suspending' in webAssembly && 'promising' in webAssembly
