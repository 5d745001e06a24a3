// The public library's types: what an embedding program and our own surfaces see. Nothing here runs.

import type {
  ActionSpec,
  AnyHostFunction,
  ApprovePort,
  Boundary,
  CallMetrics,
  ErrorCode,
  HealthState,
  Isolation,
  Json,
  Limits,
  LogSink,
  Manifest,
  PluginState,
  ProcessFacts,
  Risk,
  SupervisionRules,
  WasmFeatures,
  WireError,
} from '@bulkhead/kernel'
import type { StateStore } from '@bulkhead/service-kv'
import type { Embedder } from '@bulkhead/service-notes'
import type { HostEvents, SkippedPlugin } from './host-events.ts'
import type { PluginStorage } from './storage.ts'

/** What policy says. Everything is optional; it may tighten what a manifest says and never loosens it. */
export interface Policy {
  /**
   * Grants in the spelling `<permission>[:<scope>]`, by plugin name (for plugins that this host was given) or by
   * principal id. A manifest only asks; without a grant nothing is allowed.
   */
  readonly grants?: Readonly<Record<string, readonly string[]>>
  /** Allow sets of workspaces by id. None configured at all: `*`. Once any is configured, absence allows nothing. */
  readonly workspaces?: Readonly<Record<string, { readonly allow: readonly string[]; readonly root?: string }>>
  /** Permission sets of users by id; the same rule. */
  readonly users?: Readonly<Record<string, { readonly allow: readonly string[] }>>
  /** Calls that need a person's approval. */
  readonly highRisk?: { readonly capabilities?: readonly string[]; readonly from?: Risk }
  /** Bounds for every plugin's limits. A manifest may ask for less; for more than the defaults only up to what stands here. */
  readonly limits?: Partial<Limits>
  /** Parts of WebAssembly that modules may use; all off by default. No manifest turns one on. */
  readonly features?: WasmFeatures
  /** What differs for one plugin, by the same names as `grants`. Each limit and switch that stands here replaces the general one; a rule of supervision only ever tightens. */
  readonly plugins?: Readonly<Record<string, PluginPolicy>>
  /**
   * The loosest boundary that is allowed; plugins ask for tighter ones at will. When absent: `jail` where the system can confine
   * a process, `thread` else.
   */
  readonly boundary?: Boundary
  /** Rules of supervision for every plugin; each counts where it is stricter than the host's. */
  readonly supervision?: Partial<SupervisionRules>
  readonly audit?: { readonly level?: 'verbose' | 'security-only'; readonly failClosed?: boolean }
}

/** What a policy says of one plugin alone. */
export type PluginPolicy = Pick<Policy, 'limits' | 'features' | 'supervision'>

/** Options of `openHost`. */
export interface HostOptions {
  /** Plugins, or folders of plugins: paths of a folder with a manifest, a manifest, a single script or .wasm file, or a folder that holds such folders. */
  readonly plugins?: readonly string[]
  /** State folder. Default: `BULKHEAD_HOME`, else the XDG data directory. Refused (`home.unsafe`) if others can write it. */
  readonly home?: string
  /** Also look in `<home>/plugins` and, once trusted, `<workspaceRoot>/.bulkhead/plugins` (which come first). Default false. */
  readonly discover?: boolean
  /** Folder that relative paths in grants and file calls start from. Default: the working folder. */
  readonly workspaceRoot?: string
  readonly policy?: Policy
  /** Asks a person; without it, what policy marks as high risk is denied. */
  readonly approve?: ApprovePort
  /** Host functions of the embedding program's own; see `defineHostFunction`. */
  readonly functions?: readonly AnyHostFunction[]
  /** Configuration by plugin name; validated against the manifest's `config` schema. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Values that granted `env:NAME` reads see first, before the environment. */
  readonly secrets?: Readonly<Record<string, string>>
  /**
   * Where what plugins store goes. Default: SQLite in the state folder. Whoever gives one closes it, after the host; see
   * {@link StateStore} for what it must do.
   */
  readonly stateStore?: StateStore
  /** The environment that granted `env:` reads see. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly log?: LogSink
  /**
   * The note vault that `notes.*` works in. `folder`: a folder of Markdown files; default: the root folder of each call's
   * workspace. `embedder`: turns texts into vectors for search by meaning; default: the word vectors that Bulkhead ships
   * (English).
   */
  readonly notes?: { readonly folder?: string; readonly embedder?: Embedder }
  /** Loaded plugins kept ready. Defaults: 64 plugins, 10 minutes idle. */
  readonly cache?: { readonly maxPlugins?: number; readonly ttlMs?: number }
  /** Threads that plugins share, at most. Default: as many as the machine has cores. */
  readonly threads?: number
  /** Jails that are started before a plugin needs one, from the first on. Default: 1; each takes about 40 MiB. */
  readonly spareJails?: number
  /** How plugins that crash are started again, and kept processes looked after. Rules that are absent have their defaults. */
  readonly supervision?: Partial<SupervisionRules>
  /**
   * Reload plugins whose manifests say `lifecycle.hot_reload: true` once their files change, as by {@link Host.reloadPlugin}; those
   * of a project are left out. Default false.
   */
  readonly watch?: boolean
}

/** Limits that one call may tighten; the others belong to the loaded copy and stand in manifest and policy. */
export type CallLimits = Pick<
  Limits,
  | 'cpuMs'
  | 'wallMs'
  | 'hostCallMs'
  | 'fuel'
  | 'outputBytes'
  | 'hostCalls'
  | 'fileSizeBytes'
  | 'httpResponseBytes'
  | 'networkBytes'
  | 'networkDailyBytes'
  | 'storageBytes'
  | 'notesDailyBytes'
>

/** Options of one call. */
export interface CallOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly user?: string
  readonly workspace?: string
  /** Limits of this call; only ever tighten. `fuel` only where the plugin's fuel is counted, that is where it has a limit. */
  readonly limits?: Partial<CallLimits>
}

/** A call's output with what was measured. */
export interface CallOutcome {
  /** JSON value, in which byte strings are Uint8Arrays. For `raw` calls a Uint8Array. */
  readonly output: unknown
  readonly metrics: CallMetrics
}

/** One known plugin. */
export interface PluginInfo {
  /** Name, unique in this host. */
  readonly id: string
  readonly manifest: Manifest
  /** Folder or lone file it was found at. */
  readonly path: string
  /** Where it was found. */
  readonly origin: 'given' | 'home' | 'project'
  readonly enabled: boolean
  readonly state: PluginState
  readonly principal: string
  /** SHA-256 of manifest and artifact, hex; known once the artifact was read. */
  readonly digest?: string
}

/** How a plugin stands. */
export interface PluginHealth {
  readonly state: HealthState
  /** Crashes that count within the window. */
  readonly crashes: number
  /** Until it may be started again, ms; while it backs off. */
  readonly retryAfterMs?: number
  /** The last crash, until the plugin is healthy again. */
  readonly reason?: WireError
}

/** Status of one plugin. */
export interface PluginStatus extends PluginInfo {
  /** Of a plugin of the tier `process`, which brings a confinement of its own, `process`. */
  readonly boundary: Boundary | 'process'
  readonly isolation: Isolation
  readonly limits: Limits
  readonly grants: readonly string[]
  readonly warnings: readonly string[]
  readonly callsRunning: number
  readonly callsDone: number
  readonly callsFailed: number
  /** How many calls ended in each `limit.*` code. */
  readonly limitHits?: Readonly<Partial<Record<ErrorCode, number>>>
  readonly lastError?: WireError
  /** The number of its latest start in this host, versions before this one included; 0 when it was never started. */
  readonly generation: number
  /** Starts after a crash. */
  readonly restarts: number
  readonly health: PluginHealth
  /** What holds for the process that was started last: its limits as read back from the kernel, and what it sees of the host. */
  readonly process?: ProcessFacts
  /** Actions of the manifest and, once loaded, of the artifact. */
  readonly actions: Readonly<Record<string, ActionSpec>>
}

/** An open host. `await using host = await openHost(…)`. */
export interface Host extends AsyncDisposable {
  /** Calls an action. @throws BulkheadError */
  call(plugin: string, action: string, input?: unknown, options?: CallOptions): Promise<unknown>
  /** As `call`, with metrics. */
  invoke(plugin: string, action: string, input?: unknown, options?: CallOptions): Promise<CallOutcome>
  /** Bytes in, bytes out, no schema. */
  invokeRaw(
    plugin: string,
    action: string,
    input: Uint8Array,
    options?: CallOptions,
  ): Promise<{ output: Uint8Array; metrics: CallMetrics }>
  /** Adds a plugin (a path as in `plugins`) and loads it, whatever it asks for. A known one ends first, and with it its quarantine. */
  loadPlugin(source: string): Promise<PluginInfo>
  /** Drains calls in flight, then stops and forgets the loaded copy; a later call loads it again. */
  unloadPlugin(id: string): Promise<void>
  /**
   * Reads the plugin anew from where it lies, starts that version beside the one that runs, and puts it in its place once it
   * is well; calls under way finish on the old one. On failure the old one stays. A quarantine ends by it.
   * @throws BulkheadError what loading throws; `plugin.widened` when it asks for more than before; `config.invalid` when it
   *   has another name now; `call.interrupted` when it was loaded otherwise meanwhile
   */
  reloadPlugin(id: string): Promise<PluginInfo>
  getPluginStatus(id: string): PluginStatus
  /** Calls the plugin's `on_message` action with the message. */
  sendMessage(id: string, message: unknown, options?: CallOptions): Promise<unknown>
  listPlugins(): readonly PluginInfo[]
  /** Plugins that discovery skipped, with the reason. */
  readonly skipped: readonly SkippedPlugin[]
  /** Plugin and action of a task type: `text-tools.slugify` or `text-tools/slugify`. @throws BulkheadError `plugin.unknown`, `action.unknown` */
  resolveTask(taskType: string): { readonly plugin: string; readonly action: string }
  on<Name extends keyof HostEvents>(event: Name, listener: (payload: HostEvents[Name]) => void): Disposable
  /** What plugins have stored, for the operator. */
  readonly storage: PluginStorage
  /** Names of the host functions on offer, with their JSON Schemas. */
  describeFunctions(): readonly {
    readonly name: string
    readonly description?: string
    readonly input: Json
    readonly output: Json
  }[]
}
