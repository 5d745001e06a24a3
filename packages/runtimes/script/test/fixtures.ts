// Loads script plugins from text and answers their host calls, for tests.

/// <reference lib="esnext.disposable" />

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type CallContext,
  type Dispatch,
  defaultLimits,
  type Limits,
  type LoadedPlugin,
  type LogLevel,
  type Manifest,
  type Payload,
  packPayload,
  type Runtime,
  unpackPayload,
} from '@bulkhead/kernel'

/** A manifest that asks for nothing unless told. */
export const makeManifest = (
  parts: { asks?: string[]; isolation?: 'per-call' | 'per-plugin'; entry?: string } = {},
): Manifest => ({
  manifest: 1,
  name: 'sample',
  version: '1.0.0',
  type: 'tool',
  keywords: [],
  execution: {
    ...{ tier: 'script', modules: [], isolation: parts.isolation ?? 'per-call', limits: {} },
    ...(parts.entry?.endsWith('.lua') === true ? { language: 'lua' } : {}),
    ...(parts.entry?.endsWith('.rune') === true ? { language: 'rune' } : {}),
  },
  asks: (parts.asks ?? []).map((capability) => ({ capability })),
  denies: [],
  actions: {},
  dependencies: {},
  activation: { events: [] },
  lifecycle: { hotReload: false, gracefulShutdownTimeoutMs: 1000 },
})

/** What a test says of a plugin. */
export interface LoadOptions {
  readonly entry?: string
  readonly root?: string
  /** Files beside the entry, for languages that are not bundled. */
  readonly files?: Record<string, string>
  readonly asks?: string[]
  readonly isolation?: 'per-call' | 'per-plugin'
  readonly boundary?: 'thread' | 'inline'
  readonly limits?: Partial<Limits>
  readonly functions?: string[]
  readonly config?: Record<string, string>
  readonly log?: (level: LogLevel, message: string) => void
}

let loads = 0

/** Loads source text as a lone file, or as the entry of the folder `root`. */
export const loadScript = (runtime: Runtime, source: string, options: LoadOptions = {}): Promise<LoadedPlugin> =>
  runtime.load(
    {
      manifest: makeManifest(options),
      digest: `digest-${++loads}`,
      entry: options.entry ?? 'main.ts',
      entryBytes: new TextEncoder().encode(source),
      modules: [],
      ...(options.root === undefined ? {} : { root: options.root }),
      ...(options.files === undefined ? {} : { files: textFiles(options.files) }),
    },
    {
      boundary: options.boundary ?? 'thread',
      domain: 'test',
      limits: limitsOf(options),
      config: options.config ?? {},
      functions: options.functions ?? [],
      log: options.log ?? (() => undefined),
    },
  )

const textFiles = (files: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]))

const limitsOf = (options: LoadOptions): Limits => ({ ...defaultLimits, ...options.limits })

/** What a test says of a call. */
export interface CallOptions {
  readonly dispatch?: Dispatch
  readonly log?: (level: LogLevel, message: string) => void
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
  readonly wallMs?: number
  readonly user?: string
}

let calls = 0

/** Calls an action and unpacks what it returns. */
export const callScript = async (
  plugin: LoadedPlugin,
  action: string,
  input?: unknown,
  options: CallOptions = {},
): Promise<unknown> => {
  const limits = limitsOf(options)
  const context: CallContext = {
    callId: `call${++calls}`,
    principal: { id: 'file:sample', name: 'sample', digest: '0' },
    chain: [],
    action,
    workspaceRoot: '/',
    deadlineMs: performance.now() + (options.wallMs ?? limits.wallMs),
    limits,
    signal: options.signal ?? new AbortController().signal,
    ...(options.user === undefined ? {} : { user: options.user }),
  }
  const result = await plugin.call({
    action,
    input: { kind: 'value', payload: packPayload(input) },
    output: 'value',
    context,
    dispatch: options.dispatch ?? (() => Promise.reject(new Error('no host call was expected'))),
    log: options.log ?? (() => undefined),
  })
  if (result.output.kind !== 'value') throw new Error('the output is raw')
  return unpackPayload(result.output.payload, 'the output')
}

/** A dispatcher over plain functions. */
export const dispatchOver =
  (functions: Record<string, (input: unknown) => unknown>): Dispatch =>
  async (name, payload: Payload) => ({
    ok: true,
    payload: packPayload(await functions[name]?.(unpackPayload(payload, name))),
  })

/** A folder with files, removed at the end of the scope. */
export const openFolder = async (
  files: Record<string, string>,
): Promise<{ path: string; write(name: string, text: string): Promise<void> } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'bulkhead-script-'))
  const write = async (name: string, text: string): Promise<void> => {
    const file = join(path, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
