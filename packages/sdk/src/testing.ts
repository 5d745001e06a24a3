// A context for testing an action without a host: every area answers from memory, and what was logged, requested and
// called is kept. No permissions are checked here.

import type { ContextAreas, FileStat, HttpRequest, HttpResponse, PluginContext } from './context.ts'
import type { JsonValue, WireData } from './json-schema.ts'
import { type Host, makeContext, makeHost } from './host.ts'
import { PluginError } from './errors.ts'

/** What a fake context answers with. */
export interface FakeOptions {
  readonly action?: string
  readonly config?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Files by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Stored values by key. */
  readonly store?: Readonly<Record<string, JsonValue>>
  /** Answers requests; without it each fails. A text or JSON body is turned into bytes. */
  http?(request: HttpRequest): {
    readonly status?: number
    readonly headers?: Record<string, string>
    readonly body?: WireData
  }
  /** The embedding program's functions by name; those of the host that are not kept in memory here (`notes.read`, `graph.bfs`) as well. */
  readonly functions?: Readonly<Record<string, (input: unknown) => unknown>>
}

/** A context in which every area is there, and what was done through it. */
export interface FakeContext extends Omit<PluginContext, keyof ContextAreas>, ContextAreas {
  readonly logged: readonly { readonly level: string; readonly message: string }[]
  /** Every host call, in order. */
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  /** Files as they are now. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Stored values as they are now. */
  readonly store: ReadonlyMap<string, JsonValue>
}

/** Makes a context for a unit test. */
export const makeFakeContext = (options: FakeOptions = {}): FakeContext => {
  const logged: { level: string; message: string }[] = []
  const calls: { name: string; input: unknown }[] = []
  const files = new Map(Object.entries(options.files ?? {}).map(([path, data]) => [path, toBytes(data)]))
  const store = new Map(Object.entries(options.store ?? {}))
  const level =
    (name: string) =>
    (...values: readonly unknown[]): void => {
      logged.push({
        level: name,
        message: values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(' '),
      })
    }
  const answers = {
    ...fileAnswers(files),
    ...storeAnswers(store),
    ...otherAnswers(options),
    ...options.functions,
  } as Answers
  const bridge = {
    areas: ['http', 'fs', 'env', 'kv', 'notes', 'graph', 'yaml', 'csv', 'regex', 'time'] as const,
    config: options.config ?? {},
    functions: Object.keys(options.functions ?? {}),
    log: {
      trace: level('trace'),
      debug: level('debug'),
      info: level('info'),
      warn: level('warn'),
      error: level('error'),
    },
    call: async (name: string, input: unknown): Promise<unknown> => {
      calls.push({ name, input })
      const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
      if (answer === undefined) throw failure('function.unknown', `there is no host function "${name}"`)
      return answer(input as never)
    },
  }
  const host: Host = makeHost(bridge)
  const context = makeContext(host, bridge, options.action ?? 'test') as PluginContext & ContextAreas
  return Object.freeze({ ...context, logged, calls, files, store })
}

type Answers = Record<string, ((input: never) => unknown) | undefined>

const failure = (code: string, message: string): Error =>
  Object.assign(new PluginError(message, { code }), { name: 'HostError' })

const toBytes = (data: WireData | undefined): Uint8Array => {
  if (data instanceof Uint8Array) return data
  return new TextEncoder().encode(data === undefined ? '' : typeof data === 'string' ? data : JSON.stringify(data))
}

const fileAnswers = (files: Map<string, Uint8Array>) => {
  const read = (path: string): Uint8Array => {
    const data = files.get(path)
    if (data === undefined) throw failure('fs.not-found', `there is no file ${path}`)
    return data
  }
  return {
    'fs.read': ({ path }: { path: string }) => ({ data: read(path) }),
    'fs.read_text': ({ path }: { path: string }) => ({ text: new TextDecoder().decode(read(path)) }),
    'fs.write': ({ path, data, text }: { path: string; data?: Uint8Array; text?: string }) => {
      files.set(path, toBytes(data ?? text))
    },
    'fs.list': ({ path }: { path: string }) => {
      const prefix = path === '.' ? '' : `${path}/`
      const below = [...files.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
      const names = [...new Set(below.map((name) => name.split('/', 1)[0] ?? ''))].sort()
      return { entries: names.map((name) => ({ name, kind: below.includes(name) ? 'file' : 'folder' })), more: false }
    },
    'fs.stat': ({ path }: { path: string }): FileStat => ({ kind: 'file', size: read(path).byteLength, modifiedMs: 0 }),
    'fs.remove': ({ path }: { path: string }) => {
      read(path)
      files.delete(path)
    },
    'fs.mkdir': () => null,
    'fs.rename': ({ from, to }: { from: string; to: string }) => {
      files.set(to, read(from))
      files.delete(from)
    },
  }
}

interface FakeWrite {
  readonly key: string
  readonly value: JsonValue
  readonly ifVersion?: number
}

const storeAnswers = (store: Map<string, JsonValue>) => {
  const versions = new Map<string, number>([...store.keys()].map((key) => [key, 1]))
  let last = 1
  const write = (key: string, value: JsonValue): number => {
    store.set(key, value)
    versions.set(key, ++last)
    return last
  }
  const versionOf = (key: string): number => (store.has(key) ? (versions.get(key) ?? 0) : 0)
  const read = (key: string) => ({ found: store.has(key), value: store.get(key) ?? null, version: versionOf(key) })
  const keysFrom = (prefix: string): string[] => [...store.keys()].filter((key) => key.startsWith(prefix)).sort()
  return {
    'kv.get': ({ key }: { key: string }) => read(key),
    'kv.get_many': ({ keys }: { keys: readonly string[] }) => ({ entries: keys.map((key) => ({ key, ...read(key) })) }),
    'kv.set_many': ({ entries }: { entries: readonly FakeWrite[] }) => {
      const late = entries.find(({ key, ifVersion }) => ifVersion !== undefined && ifVersion !== versionOf(key))
      return late === undefined
        ? { written: true, versions: entries.map(({ key, value }) => write(key, value)) }
        : { written: false, versions: [], conflict: { key: late.key, version: versionOf(late.key) } }
    },
    'kv.increment': ({ key, by = 1 }: { key: string; by?: number }) => {
      const old = store.get(key) ?? 0
      if (typeof old !== 'number') throw failure('input.invalid', `"${key}" holds no number`)
      return { value: old + by, version: write(key, old + by) }
    },
    'kv.set': ({ key, value }: { key: string; value: JsonValue }) => ({ version: write(key, value) }),
    'kv.update': ({ key, value, ifVersion }: { key: string; value: JsonValue; ifVersion: number }) =>
      versionOf(key) === ifVersion
        ? { updated: true, version: write(key, value) }
        : { updated: false, version: versionOf(key) },
    'kv.delete': ({ key }: { key: string }) => ({ deleted: store.delete(key) }),
    'kv.list': ({ prefix = '' }: { prefix?: string }) => ({ keys: keysFrom(prefix) }),
    'kv.entries': ({ prefix = '' }: { prefix?: string }) => ({
      entries: keysFrom(prefix).map((key) => ({ key, value: store.get(key), version: versionOf(key) })),
    }),
  }
}

const otherAnswers = (options: FakeOptions) => ({
  'env.get': ({ name }: { name: string }) => ({ value: options.env?.[name] ?? null }),
  'http.request': (request: HttpRequest): Omit<HttpResponse, 'ok' | 'text' | 'json'> => {
    if (options.http === undefined) throw failure('http.failed', `nothing answers ${request.url}`)
    const { status = 200, headers = {}, body } = options.http(request)
    return { status, headers, body: toBytes(body), url: request.url, redirected: false }
  },
})
