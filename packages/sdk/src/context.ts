// What an action receives: the host functions as typed objects. Interfaces only; host.ts makes them over a bridge.

import type { JsonValue, WireData } from './json-schema.ts'

/** Options of a request. */
export interface HttpOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as UTF-8, bytes as they stand, anything else as JSON with its content type. */
  readonly body?: WireData
  /** Time for the whole exchange, redirects included. */
  readonly timeoutMs?: number
  /** `follow` when absent. */
  readonly redirect?: 'follow' | 'manual' | 'error'
}

/** A whole request. */
export interface HttpRequest extends HttpOptions {
  readonly url: string
  /** `GET` when absent. */
  readonly method?: string
}

/** A whole response. A status of 400 or more is an answer, not an error. */
export interface HttpResponse {
  readonly status: number
  /** Whether the status is between 200 and 299. */
  readonly ok: boolean
  /** Where the response came from, after redirects. */
  readonly url: string
  readonly redirected: boolean
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
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

/** What is at a path. */
export type FileKind = 'file' | 'folder' | 'link' | 'other'

/** One entry of a folder. */
export interface FileEntry {
  readonly name: string
  readonly kind: FileKind
}

/** What is known of a path. */
export interface FileStat {
  readonly kind: FileKind
  readonly size: number
  /** Milliseconds since the Unix epoch. */
  readonly modifiedMs: number
}

/** Options of a write. */
export interface FileWriteOptions {
  /** `overwrite` when absent. */
  readonly mode?: 'create' | 'overwrite' | 'append'
  readonly createParents?: boolean
}

/** Files under the granted roots; relative paths start at the workspace root. @throws HostError `fs.*`, `capability.denied` */
export interface FileSystem {
  readText(path: string): Promise<string>
  readBytes(path: string): Promise<Uint8Array>
  writeText(path: string, text: string, options?: FileWriteOptions): Promise<void>
  writeBytes(path: string, bytes: Uint8Array, options?: FileWriteOptions): Promise<void>
  /** Sorted by name; at most 10,000 entries. */
  list(path: string): Promise<readonly FileEntry[]>
  stat(path: string): Promise<FileStat>
  /** Removes a file, a link or an empty folder. */
  remove(path: string): Promise<void>
  /** With `parents`, folders on the way are made and one that is there is no error. */
  makeFolder(path: string, options?: { readonly parents?: boolean }): Promise<void>
  /** Moves one file. */
  rename(from: string, to: string, options?: { readonly overwrite?: boolean }): Promise<void>
}

/** Environment variables. One that was not granted looks unset. */
export interface Environment {
  get(name: string): Promise<string | undefined>
}

/** Where a key lives; each scope is a grant of its own. */
export type KeyValueScope = 'plugin' | 'workspace' | 'global'

/** Options of a write. */
export interface KeyValueSetOptions {
  readonly ttlMs?: number
  readonly scope?: KeyValueScope
}

/** A page of keys. */
export interface KeyPage {
  readonly keys: readonly string[]
  /** Present when there is a further page. */
  readonly cursor?: string
}

/** What is under a key. Version 0: nothing. */
export interface KeyEntry<T = JsonValue> {
  readonly found: boolean
  readonly value: T
  readonly version: number
}

/** Durable JSON values under text keys. */
export interface KeyValueStore {
  get<T = JsonValue>(key: string, options?: { readonly scope?: KeyValueScope }): Promise<T | undefined>
  getEntry<T = JsonValue>(key: string, options?: { readonly scope?: KeyValueScope }): Promise<KeyEntry<T>>
  set(key: string, value: WireData, options?: KeyValueSetOptions): Promise<void>
  /** Writes only if the key still has that version (0: is absent). The version given back is the one now. */
  setIfVersion(
    key: string,
    value: WireData,
    ifVersion: number,
    options?: KeyValueSetOptions,
  ): Promise<{ readonly updated: boolean; readonly version: number }>
  /**
   * Changes a value so that no other writer's change is lost: `change` gets the value that is there (undefined: none) and
   * gives the next, and is asked again when somebody else wrote in between. Undefined leaves everything as it is.
   * @returns what is there now
   * @throws PluginError `kv-contended`
   */
  update<T = JsonValue>(
    key: string,
    change: (value: T | undefined) => T | undefined | Promise<T | undefined>,
    options?: KeyValueSetOptions,
  ): Promise<T | undefined>
  /** Whether the key was there. */
  delete(key: string, options?: { readonly scope?: KeyValueScope }): Promise<boolean>
  list(options?: {
    readonly prefix?: string
    readonly limit?: number
    readonly cursor?: string
    readonly scope?: KeyValueScope
  }): Promise<KeyPage>
}

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
}
/** Name of an area. */
export type ContextArea = keyof ContextAreas

/** What an action receives beside its input. An area is absent when the manifest does not ask for it. */
export interface PluginContext extends Partial<ContextAreas> {
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
