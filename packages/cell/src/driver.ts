// The contract between the cell program and the driver of one kind of guest (Extism and WASI, QuickJS, …). The cell
// knows calls, instances, limits and the wire; a driver knows one guest ABI. A driver never touches WebAssembly.* or
// threads itself: the Engine is its only power, so that the meter cannot be bypassed.

import type { ActionSpec, BulkheadError, HostReply, Isolation, Limits, LogLevel, Payload } from '@bulkhead/kernel'
import type {
  WasmExportDescriptor,
  WasmImportDescriptor,
  WasmImports,
  WasmImportValue,
  WasmInstance,
  WasmMemory,
  WasmModule,
} from './web-assembly.ts'

/** What is loaded: plain data, so that it crosses to a thread or a jailed process as it stands. */
export interface CellArtifact {
  readonly name: string
  readonly digest: string
  readonly entry: string
  readonly bytes: Uint8Array
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly config: Readonly<Record<string, string>>
  /** Host functions that guests may import or call. */
  readonly functions: readonly string[]
  readonly limits: Limits
  readonly isolation: Isolation
  /** For the driver alone, plain data (for example a source map). */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** A compiled, metered module. */
export interface CompiledModule {
  readonly module: WasmModule
  readonly imports: readonly WasmImportDescriptor[]
  readonly exports: readonly WasmExportDescriptor[]
  /** Exported functions with the number of values that they take and give. */
  readonly functionExports: readonly { readonly name: string; readonly parameters: number; readonly results: number }[]
  /** Pages of its own memory, after capping, if it has one. */
  readonly ownMemory: { readonly min: number; readonly max: number | undefined } | undefined
  /** Pages of the memory that it imports, if it does; see {@link Engine.memory}. */
  readonly importedMemory: { readonly min: number; readonly max: number | undefined } | undefined
}

/** Options of {@link Engine.compile}. */
export interface CompileOptions {
  /** This module's share of the memory limit, where several modules make one instance; all of it when absent. */
  readonly memoryBytes?: number
}

/** The only way to WebAssembly. Implemented by the cell. */
export interface Engine {
  /** Validates, builds the limits in and compiles; `what` names the module in messages. @throws BulkheadError `artifact.*`, `limit.memory` */
  compile(bytes: Uint8Array, what: string, options?: CompileOptions): CompiledModule
  /** @throws BulkheadError as {@link classify} makes it (a start section can trap or exit) */
  instantiate(module: CompiledModule, imports: WasmImports): WasmInstance
  /** Wraps a host function that may wait (JSPI). */
  suspending(run: (...args: never[]) => unknown): WasmImportValue
  /** Wraps an export so that imports under it may wait (JSPI). */
  promising(exported: unknown): (...args: unknown[]) => Promise<unknown>
  /** A memory whose maximum the engine enforces. */
  memory(minPages: number, maxPages: number): WasmMemory
  /**
   * Whether the instance was refused memory since this was last asked. A guest that fails after that ran out of memory,
   * whatever it says itself.
   */
  takeMemoryDenial(instance: WasmInstance): boolean
  /** Traps, stack overflow, out of memory and exceptions of the guest, as typed errors. Ours pass through. */
  classify(thrown: unknown): BulkheadError
}

/** One call, seen from the driver. */
export interface GuestCall {
  readonly callId: string
  readonly action: string
  /** Opaque name of the security context (principal, user, workspace, chain): state of one context never meets another's. */
  readonly contextKey: string
  readonly input:
    | { readonly kind: 'value'; readonly payload: Payload }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  readonly output: 'value' | 'raw'
  /** The one door. Never rejects. */
  dispatch(name: string, payload: Payload): Promise<HostReply>
  log(level: LogLevel, message: string): void
  /** Aborts when the call is over (cancelled, out of time). */
  readonly signal: AbortSignal
}

/** What a guest call gives back. */
export interface GuestResult {
  readonly output:
    | { readonly kind: 'value'; readonly payload: Payload }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
}

/** One running copy. Runs one call at a time (the cell sees to that). */
export interface GuestInstance extends Disposable {
  /** @throws BulkheadError; after a throw the cell discards the instance */
  call(call: GuestCall): Promise<GuestResult>
  /** Bytes of linear memory now. */
  memoryBytes(): number
}

/** A loaded guest: compiled once, instantiated per call or kept. */
export interface Guest extends Disposable {
  readonly actions: Readonly<Record<string, ActionSpec>>
  open(): Promise<GuestInstance>
}

/** What a driver module exports as `driver`. */
export interface Driver {
  load(artifact: CellArtifact, engine: Engine, log: (level: LogLevel, message: string) => void): Promise<Guest>
}
