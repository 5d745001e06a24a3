// What a tier must offer, and what the host offers to it. Each runtime under packages/runtimes/ implements Runtime
// and passes the conformance suite of packages/testkit.

import type { Awaitable } from './awaitable.ts'
import type { CallContext } from './call/context.ts'
import type { Payload } from './call/payload.ts'
import type { BulkheadError, WireError } from './errors.ts'
import type { AnyHostFunction } from './function/host-function.ts'
import type { Limits, WasmFeatures } from './limits.ts'
import type { ActionSpec, Boundary, Manifest, Tier } from './manifest/manifest.ts'
import type { LogLevel } from './ports.ts'
import type { DecideAccess, ProcessFacts } from './process-access.ts'
import type { Principal } from './principal.ts'

/** A plugin's bytes, already read, hashed and pinned by the host: what was hashed is what runs. */
export interface PluginArtifact {
  readonly manifest: Manifest
  readonly digest: string
  /** Entry file, path relative to the plugin's folder with forward slashes (for messages). */
  readonly entry: string
  readonly entryBytes: Uint8Array
  /** The plugin's real folder, for runtimes that bundle several source files; absent for a lone file. */
  readonly root?: string
  /** SHA-256 of each source file below `root` that took part in `digest`, by path relative to it; a runtime reads no others. */
  readonly sources?: ReadonlyMap<string, string>
  /** Every file of a process plugin, as it was hashed, by path relative to `root`; absent for other tiers. */
  readonly files?: ReadonlyMap<string, Uint8Array>
  /** Further wasm modules to link, by import module name. */
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

/** Options of {@link Runtime.load}. */
export interface RuntimeLoadOptions {
  readonly boundary: Boundary
  /** Whom a jail may be shared with: plugins of the same domain. */
  readonly domain: string
  readonly limits: Limits
  /** Who the plugin is, for what is recorded outside of its calls. */
  readonly principal?: Principal
  /** Config values that the guest may read (Extism `config_get`, `host.config`). */
  readonly config: Readonly<Record<string, string>>
  /** `allowed` names of host functions beyond the standard ones, for import resolution. */
  readonly functions: readonly string[]
  /** The operator's switches for parts of WebAssembly; all off when absent. */
  readonly features?: WasmFeatures
  /** Asks the gate what a process may see; without it a process sees nothing of the host. */
  readonly decideAccess?: DecideAccess
  /** Told of each process that was started. */
  readonly onProcess?: (facts: ProcessFacts) => void
  /** Ends a load that is under way, with its reason; without effect once loaded. */
  readonly signal?: AbortSignal
  /** How compartments that outlive a call are looked after. Absent: they are kept until the plugin is unloaded. */
  readonly care?: CompartmentCare
  /** Log lines that the guest or the runtime writes outside a call. */
  log(level: LogLevel, message: string): void
}

/** The rules for compartments that a runtime keeps between calls, and who hears of them; see `SupervisionRules`. */
export interface CompartmentCare {
  readonly healthEveryMs: number
  readonly healthTimeoutMs: number
  readonly idleMs: number
  /**
   * Waits until a compartment may be started for a call that had to wait for its turn: what waited with it may have crashed.
   * @throws BulkheadError `plugin.quarantined`, `plugin.backing-off` when the wait would be longer than `patienceMs`
   */
  admit(signal: AbortSignal, patienceMs: number): Promise<void>
  /** Gives a compartment that is about to start its number: starts of one plugin count up. */
  started(): number
  /**
   * One died, or was ended because it did not answer, while no call was on it. Without a number it is the latest that was started.
   */
  crashed(error: BulkheadError, generation?: number): void
  /** One was stopped because it was not needed; the next call that needs it starts another. */
  rested(generation: number): void
}

/** A fault or an oddity in a plugin's sources. All of it is text from the plugin's author. */
export interface SourceDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** Relative to the plugin's folder. */
  readonly file: string
  /** 1-based; absent when it is not known. */
  readonly line?: number
  readonly column?: number
  /** The source line with a mark under the column. */
  readonly frame?: string
}

/** What reading a plugin's sources tells, none of it run. */
export interface SourceReport {
  readonly diagnostics: readonly SourceDiagnostic[]
  /** As far as they can be told: what is found out by running the plugin is not here. */
  readonly actions: Readonly<Record<string, ActionSpec>>
}

/** The runtime of one tier. */
export interface Runtime extends AsyncDisposable {
  readonly tier: Tier
  /**
   * Checks and compiles the artifact; runs none of the guest unless discovering actions needs it (then under the limits).
   * @throws BulkheadError `artifact.*`, `limit.*`
   */
  load(artifact: PluginArtifact, options: RuntimeLoadOptions): Promise<LoadedPlugin>
  /**
   * Reads the sources and tells every fault at once; runs nothing of the guest. Absent: the tier has no sources to read.
   * @throws BulkheadError `limit.*`, `sandbox.*`, `runtime.missing`
   */
  inspect?(artifact: PluginArtifact, options: RuntimeLoadOptions): Promise<SourceReport>
}

/** Answers a guest's host call. Never rejects: failures are replies. */
export type Dispatch = (name: string, payload: Payload) => Promise<HostReply>

/**
 * Makes a host call of a function that the host's own machinery brings along: the same door, for what no guest can name and
 * whose fruit no message could carry (an open connection). Never rejects.
 */
export type Perform = (fn: AnyHostFunction, payload: Payload) => Promise<HostReply>

/** The reply to a host call. */
export type HostReply =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly error: WireError }

/** Vars of an Extism plugin: they live on the host's side and survive a fresh instance. Owned by the runtime. */
export interface RuntimeCall {
  readonly action: string
  /** `value`: JSON input, packed. `raw`: bytes as they stand (wasm only; a script action receives a Uint8Array). */
  readonly input:
    | { readonly kind: 'value'; readonly payload: Payload }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  /** Whether the caller wants the output parsed as JSON or as bytes. */
  readonly output: 'value' | 'raw'
  readonly context: CallContext
  readonly dispatch: Dispatch
  /** For the runtime itself, never for a guest. Absent: nothing of the kind is done in this call. */
  readonly perform?: Perform
  /** Log lines written during the call. */
  log(level: LogLevel, message: string): void
  /** Told when the call waits for no turn and no restart any more. */
  begun?(): void
  /** Told what the call is about to fail with, before its turn goes to the next one. */
  failing?(error: BulkheadError): void
  /** Told what a call used that failed; of one that succeeds, the result tells. */
  report?(usage: RuntimeUsage): void
}

/** What a call used. */
export interface RuntimeUsage {
  /** Greatest linear memory of the instance, bytes. */
  readonly memoryBytes?: number
  /** Time in which guest code ran, ms. */
  readonly cpuMs?: number
  /** Fuel units. */
  readonly fuelUsed?: number
}

/** The outcome of one call. */
export interface RuntimeResult extends RuntimeUsage {
  readonly output:
    | { readonly kind: 'value'; readonly payload: Payload }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
}

/**
 * A loaded plugin. Disposing ends every instance, process, worker and handle that it holds; calls in flight fail with
 * `plugin.crashed`.
 */
export interface LoadedPlugin extends AsyncDisposable {
  /** Actions found in the artifact (exports), with what it says of them; the manifest's entries win over these. */
  readonly actions: Readonly<Record<string, ActionSpec>>
  /**
   * Runs one call; answers at once where nothing had to be waited for.
   * @throws BulkheadError (or rejects with it) `plugin.*`, `limit.*`, `artifact.export-missing`, `call.*`, or the host error that
   *   ended the guest
   */
  call(request: RuntimeCall): Awaitable<RuntimeResult>
  /**
   * Whether it would answer a call: starts what loading alone did not start, and asks it. Absent: to have loaded is to be well.
   * @throws BulkheadError `plugin.*`, `protocol.*`, `sandbox.*`, `limit.*`
   */
  check?(signal?: AbortSignal): Promise<void>
}
