// The contract between the cell program and the driver of one kind of guest (Extism and WASI, QuickJS, …). The cell
// knows calls, instances, limits and the wire; a driver knows one guest ABI. A driver never touches WebAssembly.* or
// threads itself: the Engine is its only power, so that the meter cannot be bypassed.

import type {
  ActionSpec,
  Awaitable,
  BulkheadError,
  HostReply,
  Isolation,
  Limits,
  LogLevel,
  Payload,
} from '@bulkhead/kernel'
import type { Substitution } from '@bulkhead/meter'
import type {
  WasmExportDescriptor,
  WasmGlobal,
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

/** Pages of a memory: how many at first, and how many at most. */
export interface MemoryPages {
  readonly min: number
  readonly max: number | undefined
}

/** A compiled, metered module. */
export interface CompiledModule {
  readonly module: WasmModule
  readonly imports: readonly WasmImportDescriptor[]
  readonly exports: readonly WasmExportDescriptor[]
  /** Exported functions with the number of values that they take and give. */
  readonly functionExports: readonly { readonly name: string; readonly parameters: number; readonly results: number }[]
  /** Memories of its own, after capping, in index order. */
  readonly ownMemories: readonly MemoryPages[]
  /** The memory that it imports, if it does; see {@link Engine.memory}. */
  readonly importedMemory: MemoryPages | undefined
  /** Whether its calls of Extism's memory functions became accesses of {@link BlockRegisters.memory}. */
  readonly usesBlocks: boolean
  /** The meter's account of the module; the engine's own. */
  readonly metered: MeteredFacts
}

/** What the engine must know of a rewritten module to give it its memories and to hold its state. Plain data. */
export interface MeteredFacts {
  readonly memories: readonly {
    readonly from: { readonly module: string; readonly name: string }
    readonly own: boolean
    readonly min: number
    readonly max: number | undefined
    readonly shared: boolean
    readonly is64: boolean
  }[]
  readonly startExport: string | undefined
  /** Exported names of the mutable globals; undefined when they cannot be read from JavaScript. */
  readonly globalExports: readonly string[] | undefined
}

/** Options of {@link Engine.compile}. */
export interface CompileOptions {
  /** This module's share of the memory limit, where several modules make one instance; all of it when absent. */
  readonly memoryBytes?: number
  /** Names of `extism:host/env` functions that become memory accesses. */
  readonly substitutions?: readonly Substitution[]
}

/** The memory of blocks and the range of the input, shared with the modules that use them. One set for each instance. */
export interface BlockRegisters {
  readonly memory: WasmMemory
  readonly inputOffset: WasmGlobal
  readonly inputLength: WasmGlobal
  /** 64 bits, at least 8: the memory as far as guests may know it. */
  readonly end: WasmGlobal
}

/** Where guest code runs for: a call, or loading. The cell accounts time to it and can end it. */
export interface Task {
  /** Why it was ended, once it was: `limit.cpu`, `limit.time`, `limit.fuel`, `call.cancelled`. */
  readonly ended: BulkheadError | undefined
}

/** The state of some instances, held outside of them. Opaque. */
export interface Snapshot {
  /** Bytes that it holds. */
  readonly bytes: number
}

/** The only way to WebAssembly. Implemented by the cell. */
export interface Engine {
  /** Validates, builds the limits in and compiles; `what` names the module in messages. @throws BulkheadError `artifact.*`, `limit.memory` */
  compile(bytes: Uint8Array, what: string, options?: CompileOptions): CompiledModule
  /**
   * Makes an instance and runs nothing of it: what was its start section is for the driver to enter, see
   * {@link Engine.startOf}. `blocks` where the module uses them. @throws BulkheadError as {@link classify} makes it
   */
  instantiate(module: CompiledModule, imports: WasmImports, blocks?: BlockRegisters): WasmInstance
  /** The function that was the module's start section. */
  startOf(module: CompiledModule, instance: WasmInstance): unknown
  /** Memories of an instance, its own and imported ones. */
  memoriesOf(instance: WasmInstance): readonly WasmMemory[]
  /**
   * Enters the guest: it may be paused at a check and may wait in {@link suspending} imports, while other guests of the
   * thread go on. Answers at once where it did neither. @throws BulkheadError (or rejects with it) the task's end if it was
   * ended, else as {@link classify} makes it
   */
  enter(task: Task, exported: unknown, ...args: readonly (number | bigint)[]): Awaitable<unknown>
  /**
   * Runs host code that enters the guest for a moment (to read a property, to make a string), once the task has the
   * thread. Guest code is not paused under it, and is ended as any other; nobody else has the thread until it is done.
   * @throws BulkheadError as {@link enter}
   */
  use<T>(task: Task, run: () => T | Promise<T>): Promise<T>
  /** Waits for the host on the task's behalf, outside of guest code: the task's time stands still, as in {@link suspending}. */
  waitFor<T>(task: Task, answer: Promise<T>): Promise<T>
  /** Runs host code under an import, where it may enter the guest again: not paused there either. */
  nested<T>(run: () => T): T
  /** Wraps a host function that may wait (JSPI). The guest's time stands still meanwhile, unless it is the guest's own. */
  suspending(run: (...args: never[]) => unknown, options?: { readonly isGuestTime?: boolean }): WasmImportValue
  /** Ends the running guest: it traps as soon as the import that calls this returns or throws. */
  end(task: Task, error: BulkheadError): void
  /** A memory whose maximum the engine enforces. */
  memory(minPages: number, maxPages: number): WasmMemory
  /**
   * Gives up the memories of an instance that is dropped. `isOver` says that whatever was entered has returned or
   * trapped, so that no guest and no host code will ever use them again: they may then serve others, once they are wiped.
   */
  drop(memories: readonly WasmMemory[], options: { readonly isOver: boolean }): void
  /** Makes a memory zero, wherever anything was written; answers how many bytes it wrote for that. */
  wipe(memory: WasmMemory): number
  /** A mutable i64 global. */
  global64(value: bigint): WasmGlobal
  /**
   * Holds memories and mutable globals of instances as they are now, all but what equals `base`. Undefined when their
   * state cannot be held: a table or segment changed since the task began, or a global that JavaScript cannot read.
   */
  capture(task: Task, instances: readonly WasmInstance[], base?: Snapshot): Snapshot | undefined
  /**
   * Puts a state into the instances that it was captured from, or others of the same modules; answers how many bytes it
   * wrote, which is about what they take of the machine's memory. Undefined: throw them away. `isFresh` says that they were
   * just instantiated and nothing of them ever ran, which takes less time.
   */
  restore(
    instances: readonly WasmInstance[],
    snapshot: Snapshot,
    options?: { readonly isFresh?: boolean },
  ): number | undefined
  /**
   * Whether the task was refused memory since this was last asked. A guest that fails after that ran out of memory,
   * whatever it says itself.
   */
  takeMemoryDenial(task: Task): boolean
  /** Whether tables or segments changed under the task: its instances cannot be restored. */
  hasLastingChange(task: Task): boolean
  /** Calls back after a time; Node's own timers do not run while a thread is parked. */
  after(ms: number, run: () => void): Disposable
  /** Traps, stack overflow, out of memory and exceptions of the guest, as typed errors. Ours pass through. */
  classify(thrown: unknown): BulkheadError
}

/** One call, seen from the driver. */
export interface GuestCall {
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
  /** What the cell accounts the call's guest code to. */
  readonly task: Task
}

/** What a guest call gives back. */
export interface GuestResult {
  readonly output:
    | { readonly kind: 'value'; readonly payload: Payload }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
}

/**
 * One running copy. Runs one call at a time (the cell sees to that). Disposing gives its memories up, see
 * {@link Engine.drop}; nothing of it is used after that.
 */
export interface GuestInstance extends Disposable {
  /** @throws BulkheadError, or rejects with it; the cell then discards the instance */
  call(call: GuestCall): Awaitable<GuestResult>
  /**
   * Puts it back to how {@link Guest.open} made it, for anybody's next call; answers about how many bytes of the machine's
   * memory it takes then. Undefined: it must be thrown away.
   */
  reset(): number | undefined
  /** Bytes of linear memory now. */
  memoryBytes(): number
}

/** A loaded guest: compiled once, instantiated per call or kept. */
export interface Guest extends Disposable {
  readonly actions: Readonly<Record<string, ActionSpec>>
  /** A new instance in its first state; guest code that this takes is the task's. */
  open(task: Task): Promise<GuestInstance>
}

/** What loading runs under. */
export interface LoadContext {
  readonly task: Task
  log(level: LogLevel, message: string): void
}

/** What a driver module exports as `driver`. */
export interface Driver {
  /** Folder of modules that were rewritten when the package was built; see prepared-modules.ts. */
  readonly prepared?: URL
  load(artifact: CellArtifact, engine: Engine, context: LoadContext): Promise<Guest>
}
