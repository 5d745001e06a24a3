// The host functions as typed objects, over one bridge: `call(name, input)`. The script tier and a process each bring
// a bridge; the objects, and so the code of a plugin, are the same. No permission logic here: the host's gate decides.

import type {
  ContextArea,
  ContextAreas,
  HttpClient,
  HttpOptions,
  HttpRequest,
  HttpResponse,
  KeyValueStore,
  Logger,
  PluginContext,
  PureAreas,
} from './context.ts'
import { guestApi } from './guest-api.ts'
import { type Call, camelCase, makeArea } from './guest-method.ts'
import type { JsonValue, WireData } from './json-schema.ts'
import { makeUpdate } from './key-value-update.ts'

/** What whoever runs a plugin must bring. */
export interface HostBridge {
  /** One host call; rejects with a HostError. */
  call(name: string, input: unknown): Promise<unknown>
  readonly log: Logger
  readonly config: Readonly<Record<string, string>>
  /** Areas of the context: those that the manifest asks for, and those that need no asking. */
  readonly areas: readonly (ContextArea | keyof PureAreas)[]
  /** Names of the embedding program's own functions. */
  readonly functions: readonly string[]
  /** What areas inherit from: nothing where it is absent. */
  readonly prototypeOf?: PrototypeOf
}

/** Makes the prototype of an area. */
export type PrototypeOf = (area: string) => object

/** The `host` object of a guest: every area, the embedding program's functions by name, and `call`. */
export interface Host extends ContextAreas, PureAreas {
  readonly log: Logger
  readonly config: Readonly<Record<string, string>>
  call<T = WireData>(name: string, input?: unknown): Promise<T>
}

/** Areas by name, before they are frozen. */
type Areas = Record<string, Record<string, unknown>>

/**
 * Makes the `host` object. Frozen, with the areas in it: those of {@link makeAreas} over the same `call`, which may have
 * been made before anything was known of the plugin.
 */
export const makeHost = (bridge: HostBridge, areas: Areas = makeAreas(bridge.call)): Host => {
  const call = callOver(bridge.call)
  const make = (area: string): Record<string, unknown> => Object.create(bridge.prototypeOf?.(area) ?? null)
  areas['log'] = Object.assign(make('log'), bridge.log)
  for (const name of bridge.functions) {
    const dot = name.indexOf('.')
    const area = name.slice(0, dot)
    const rest = name.slice(dot + 1)
    if (dot < 1 || rest === '') continue
    const members = (Object.hasOwn(areas, area) ? areas[area] : undefined) ?? make(area)
    areas[area] = members
    for (const spelling of [rest, camelCase(rest)]) {
      if (!Object.hasOwn(members, spelling)) members[spelling] = (input?: unknown) => call(name, input)
    }
  }
  const host: Record<string, unknown> = Object.assign(Object.create(null), areas, { config: bridge.config, call })
  for (const area of Object.values(areas)) Object.freeze(area)
  return Object.freeze(host) as unknown as Host
}

/** Makes the context of one call from the `host` object: the areas that the bridge names, and no others. */
export const makeContext = (host: Host, bridge: Pick<HostBridge, 'areas'>, action: string): PluginContext =>
  Object.freeze({
    action,
    config: host.config,
    log: host.log,
    call: host.call,
    ...Object.fromEntries(bridge.areas.map((area) => [area, host[area]])),
  }) as PluginContext

const callOver =
  (bridgeCall: HostBridge['call']): Call =>
  <T>(name: string, input: unknown = null): Promise<T> =>
    bridgeCall(name, input) as Promise<T>

/** The areas of the table, with what JavaScript adds to them; not yet frozen. For one `host` object. */
export const makeAreas = (bridgeCall: HostBridge['call'], prototypeOf?: PrototypeOf): Areas => {
  const call = callOver(bridgeCall)
  const areas: Areas = {}
  for (const name of new Set(guestApi.map(({ area }) => area))) {
    areas[name] = makeArea(
      guestApi.filter(({ area }) => area === name),
      call,
    )
  }
  Object.assign(areas['http'] ?? {}, makeHttp(call))
  const store = areas['kv'] as unknown as KeyValueStore
  Object.assign(store, { update: makeUpdate(store, call) })
  if (prototypeOf !== undefined) {
    for (const [name, area] of Object.entries(areas)) Object.setPrototypeOf(area, prototypeOf(name))
  }
  return areas
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const makeHttp = (call: Call): HttpClient => {
  const request = async ({ body, headers = {}, ...rest }: HttpRequest): Promise<HttpResponse> => {
    const reply = await call<Omit<HttpResponse, 'ok' | 'text' | 'json'>>('http.request', {
      ...rest,
      url: String(rest.url),
      ...bodyFields(body, headers),
    })
    const text = (): string => decode(reply.body)
    return {
      ...reply,
      ok: reply.status >= 200 && reply.status < 300,
      text,
      json: <T = JsonValue>() => JSON.parse(text()) as T,
    }
  }
  const withBody =
    (method: string) =>
    (url: string, body?: WireData, options: Omit<HttpOptions, 'body'> = {}): Promise<HttpResponse> =>
      request({ ...options, url, method, ...(body === undefined ? {} : { body }) })
  return {
    request,
    get: (url, options = {}) => request({ ...options, url }),
    post: withBody('POST'),
    put: withBody('PUT'),
    delete: (url, options = {}) => request({ ...options, url, method: 'DELETE' }),
  }
}

const bodyFields = (body: WireData | undefined, headers: Readonly<Record<string, string>>) => {
  if (body === undefined) return { headers }
  if (body instanceof Uint8Array) return { headers, body }
  if (typeof body === 'string') return { headers, text: body }
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return { headers: typed ? headers : { ...headers, 'content-type': 'application/json' }, text: JSON.stringify(body) }
}
