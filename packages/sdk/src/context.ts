// What an action receives: the host functions as typed objects. Interfaces only; host.ts makes them over a bridge. What
// can be told from the host functions' schemas is generated from them; named here is what plugins are written against.

import type {
  CsvMethods,
  EnvMethods,
  FsListEntry,
  FsMethods,
  FsStatResult,
  FsWriteTextOptions,
  GraphMethods,
  HttpRequestOptions,
  HttpRequestResult,
  KvGetEntryResult,
  KvListResult,
  KvMethods,
  KvSetOptions,
  NotesMethods,
  RegexMethods,
  TimeMethods,
  YamlMethods,
} from './generated/areas.ts'
import type { JsonValue, WireData } from './json-schema.ts'

/** Options of a request. */
export interface HttpOptions extends Omit<HttpRequestOptions, 'url' | 'method' | 'text' | 'body'> {
  /** Text is sent as UTF-8, bytes as they stand, anything else as JSON with its content type. */
  readonly body?: WireData
}

/** A whole request. */
export interface HttpRequest extends HttpOptions, Pick<HttpRequestOptions, 'url' | 'method'> {}

/** A whole response. A status of 400 or more is an answer, not an error. */
export interface HttpResponse extends HttpRequestResult {
  /** Whether the status is between 200 and 299. */
  readonly ok: boolean
  /** The body as UTF-8 text. */
  text(): string
  /** The body parsed as JSON. @throws SyntaxError */
  json<T = JsonValue>(): T
}

/** HTTP. Needs `network`; every hop of a redirect is checked again. @throws HostError `capability.denied`, `http.failed` */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  get(url: string, options?: Omit<HttpOptions, 'body'>): Promise<HttpResponse>
  post(url: string, body?: WireData, options?: Omit<HttpOptions, 'body'>): Promise<HttpResponse>
  put(url: string, body?: WireData, options?: Omit<HttpOptions, 'body'>): Promise<HttpResponse>
  delete(url: string, options?: Omit<HttpOptions, 'body'>): Promise<HttpResponse>
}

/** Files under the granted roots; relative paths start at the workspace root. @throws HostError `fs.*`, `capability.denied` */
export type FileSystem = FsMethods
/** One entry of a folder. */
export type FileEntry = FsListEntry
/** What is at a path. */
export type FileKind = FileEntry['kind']
/** What is known of a path. */
export type FileStat = FsStatResult
/** Options of a write. */
export type FileWriteOptions = FsWriteTextOptions

/** Environment variables. One that was not granted looks unset. */
export type Environment = EnvMethods

/** Options of a write. */
export type KeyValueSetOptions = KvSetOptions
/** Where a key lives; each scope is a grant of its own. */
export type KeyValueScope = NonNullable<KeyValueSetOptions['scope']>
/** What is under a key. Version 0: nothing. */
export type KeyEntry<T = JsonValue> = KvGetEntryResult<T>
/** A page of keys. */
export type KeyPage = KvListResult

/** Durable JSON values under text keys. @throws HostError `limit.storage`, `kv.failed`, `capability.denied` */
export interface KeyValueStore extends KvMethods {
  /**
   * Changes a value so that no other writer's change is lost: `change` gets the value that is there (undefined: none) and
   * gives the next, and is asked again when somebody else wrote in between. Undefined leaves everything as it is. The key keeps
   * its expiry unless `ttlMs` is given.
   * @returns what is there now
   * @throws PluginError `kv-contended`
   */
  update<T = JsonValue>(
    key: string,
    change: (value: T | undefined) => T | undefined | Promise<T | undefined>,
    options?: Omit<KeyValueSetOptions, 'keepExpiry'>,
  ): Promise<T | undefined>
}

/** A folder of Markdown notes with links between them. @throws HostError `notes.*`, `capability.denied` */
export type NoteVault = NotesMethods

/** The plugin's log. Values that are not text are formatted. */
export interface Logger {
  trace(...values: readonly unknown[]): void
  debug(...values: readonly unknown[]): void
  info(...values: readonly unknown[]): void
  warn(...values: readonly unknown[]): void
  error(...values: readonly unknown[]): void
}

/** Areas of the context that exist only when the manifest asks for them. */
export interface ContextAreas {
  readonly http: HttpClient
  readonly fs: FileSystem
  readonly env: Environment
  readonly kv: KeyValueStore
  readonly notes: NoteVault
}
/** Name of such an area. */
export type ContextArea = keyof ContextAreas

/** Areas that only compute. They need no capability, so that every context has them. */
export interface PureAreas {
  readonly graph: GraphMethods
  readonly yaml: YamlMethods
  readonly csv: CsvMethods
  readonly regex: RegexMethods
  readonly time: TimeMethods
}

/** What an action receives beside its input. An area is absent when the manifest does not ask for it. */
export interface PluginContext extends Partial<ContextAreas>, PureAreas {
  /** The action that runs. */
  readonly action: string
  /** The plugin's configuration, as the operator set it. */
  readonly config: Readonly<Record<string, string>>
  readonly log: Logger
  /** Calls a host function of the embedding program by its name, `orders.lookup`. */
  call<T = WireData>(name: string, input?: unknown): Promise<T>
}

/** A context in which the named areas are certain: what `uses` promises. */
export type ContextWith<Areas extends readonly ContextArea[]> = number extends Areas['length']
  ? PluginContext
  : PluginContext & Pick<ContextAreas, Areas[number]>

/** An error of the host, as a guest sees it. Letting it escape ends the call with the host's own error. */
export interface HostError extends Error {
  readonly name: 'HostError'
  /** A code of Bulkhead's table, for example `capability.denied`. */
  readonly code: string
  /** What to do about it. */
  readonly hint?: string
  readonly id?: string
}
