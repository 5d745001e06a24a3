// Stand-ins for the process and the library, for this package's own tests. Not built, not published.

import { Buffer } from 'node:buffer'
import type {
  CallOptions,
  Host,
  HostOptions,
  PluginInfo,
  PluginStorage,
  PluginStatus,
  SkippedPlugin,
} from '@bulkhead/host'
import { BulkheadError } from '@bulkhead/host/terms'
import type { CliIo, CliOutput } from './io.ts'
import type { CliLibrary } from './library.ts'
import { makeStatus } from './fake-status.ts'
import { run } from './main.ts'

/** An output that remembers. */
export const makeOutput = (options: { isTTY?: boolean; columns?: number } = {}) => {
  const chunks: Uint8Array[] = []
  return {
    isTTY: options.isTTY ?? false,
    ...(options.columns === undefined ? {} : { columns: options.columns }),
    closed: false,
    write: async (data: string | Uint8Array) => void chunks.push(Buffer.from(data)),
    get bytes() {
      return Buffer.concat(chunks)
    },
    get text() {
      return Buffer.concat(chunks).toString('utf8')
    },
  } satisfies CliOutput & { bytes: Uint8Array; text: string }
}

/** What a test may set of the process. */
export interface FakeIoOptions {
  readonly tty?: boolean
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly answers?: readonly (string | undefined)[]
  readonly files?: Readonly<
    Record<string, { readonly size?: number; readonly bytes: AsyncIterable<Uint8Array> | string }>
  >
  readonly columns?: number
}

async function* once(data: string | Uint8Array): AsyncGenerator<Uint8Array> {
  if (data.length > 0) yield Buffer.from(data)
}

const isBytes = (value: unknown): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array

/** A process that exists only here. `signal` sends it one. */
export const makeIo = (options: FakeIoOptions = {}) => {
  const isTTY = options.tty ?? false
  const stdout = makeOutput({ isTTY, ...(options.columns === undefined ? {} : { columns: options.columns }) })
  const stderr = makeOutput({ isTTY })
  const answers = [...(options.answers ?? [])]
  const listeners = new Set<(number: number) => void>()
  const questions: string[] = []
  const created = new Map<string, string>()
  const create = (path: string, text: string): void => {
    if (options.files?.[path] !== undefined || created.has(path)) {
      throw Object.assign(new Error(`${path} is there`), { code: 'EEXIST' })
    }
    created.set(path, text)
  }
  const io: CliIo = {
    stdout,
    stderr,
    stdin: {
      isTTY,
      [Symbol.asyncIterator]: () =>
        (isBytes(options.stdin ?? '')
          ? once((options.stdin ?? '') as string)
          : (options.stdin as AsyncIterable<Uint8Array>))[Symbol.asyncIterator](),
    },
    env: options.env ?? { NO_COLOR: '1' },
    cwd: '/work-folder',
    version: '9.9.9',
    ask: async (question) => {
      questions.push(question)
      return answers.shift()
    },
    startProgress: () => ({
      write: (text) => void stderr.write(text),
      pause() {},
      resume() {},
      [Symbol.dispose]() {},
    }),
    onSignal: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    isFile: async (path) => options.files?.[path]?.size !== undefined,
    openFile: async (path) => {
      const file = options.files?.[path]
      if (file === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
      return {
        ...(file.size === undefined ? {} : { size: file.size }),
        bytes: typeof file.bytes === 'string' ? once(file.bytes) : file.bytes,
        [Symbol.asyncDispose]: async () => {},
      }
    },
    makeFolder: async (path) => create(path, ''),
    createFile: async (path, text) => create(path, text),
  }
  return {
    io,
    stdout,
    stderr,
    questions,
    created,
    signal: (number: number) => [...listeners].forEach((listener) => listener(number)),
  }
}

/** A call that the fake host saw. */
export interface SeenCall {
  readonly plugin: string
  readonly action: string
  readonly input: unknown
  readonly options: CallOptions
}

/** What a test may set of the library. */
export interface FakeLibraryOptions {
  readonly plugins?: readonly PluginStatus[]
  readonly skipped?: readonly SkippedPlugin[]
  readonly answer?: (call: SeenCall, options: HostOptions) => unknown
  readonly storage?: PluginStorage
  readonly over?: Partial<CliLibrary>
}

const emptyStorage: PluginStorage = {
  list: async () => [],
  entries: async () => ({ entries: [] }),
  get: async () => undefined,
  delete: async () => false,
  clear: async () => 0,
}

/** A library whose host answers as the test says, and remembers what it was asked. */
export const makeLibrary = (options: FakeLibraryOptions = {}) => {
  const opened: HostOptions[] = []
  const calls: SeenCall[] = []
  let open = 0
  const statuses = options.plugins ?? [makeStatus()]
  const find = (id: string): PluginStatus => {
    const status = statuses.find((entry) => entry.id === id)
    if (status === undefined) {
      throw new BulkheadError('plugin.unknown', `no plugin is named "${id}"`, { hint: 'Did you mean text-tools?' })
    }
    return status
  }
  const openHost = async (hostOptions: HostOptions): Promise<Host> => {
    opened.push(hostOptions)
    open++
    const answer = async (call: SeenCall): Promise<unknown> => {
      find(call.plugin)
      calls.push(call)
      return options.answer === undefined ? { slug: 'a' } : options.answer(call, hostOptions)
    }
    const metrics = { loadMs: 3, callMs: 1, hostCalls: 0 }
    return {
      call: (plugin, action, input, callOptions = {}) => answer({ plugin, action, input, options: callOptions }),
      invoke: async (plugin, action, input, callOptions = {}) => ({
        output: await answer({ plugin, action, input, options: callOptions }),
        metrics,
      }),
      invokeRaw: async (plugin, action, input, callOptions = {}) => ({
        output: (await answer({ plugin, action, input, options: callOptions })) as Uint8Array,
        metrics,
      }),
      loadPlugin: async (): Promise<PluginInfo> => find('text-tools'),
      reloadPlugin: async (id): Promise<PluginInfo> => find(id),
      unloadPlugin: async () => {},
      getPluginStatus: find,
      sendMessage: async () => undefined,
      listPlugins: () => statuses,
      skipped: options.skipped ?? [],
      resolveTask: () => ({ plugin: '', action: '' }),
      on: () => ({ [Symbol.dispose]() {} }),
      storage: options.storage ?? emptyStorage,
      describeFunctions: () => [],
      [Symbol.asyncDispose]: async () => {
        open--
      },
    }
  }
  const library: CliLibrary = {
    openHost,
    inspectPlugin: async (path) => ({
      path,
      manifest: makeStatus().manifest,
      digest: 'ab'.repeat(32),
      faults: [],
      warnings: [],
    }),
    checkPlugin: async (path) => ({
      path,
      manifest: makeStatus().manifest,
      faults: [],
      warnings: [],
      diagnostics: [],
      actions: makeStatus().actions,
    }),
    findInstalled: async (name) => statuses.find((status) => status.id === name),
    resolveHome: () => '/home',
    runDoctor: async () => [{ name: 'node', status: 'ok', detail: 'Node 26' }],
    previewTrust: async ({ folder }) => ({
      path: `${folder}/.bulkhead`,
      digest: 'cd'.repeat(32),
      files: ['plugins/a/plugin.yaml'],
    }),
    trustFolder: async ({ folder }) => ({
      path: `${folder}/.bulkhead`,
      digest: 'cd'.repeat(32),
      files: ['plugins/a/plugin.yaml'],
    }),
    untrustFolder: async () => true,
    listTrusted: async () => [],
    async *queryAudit() {},
    verifyAudit: async () => ({
      ok: true,
      chains: [],
      problems: [],
      notes: [],
      proves: ['that'],
      doesNotProve: ['this'],
    }),
    ...options.over,
  }
  return { library, opened, calls, openHosts: () => open }
}

/** Runs one command line against fakes. */
export const runWith = async (
  argv: readonly string[],
  options: { readonly io?: FakeIoOptions; readonly library?: FakeLibraryOptions } = {},
) => {
  const io = makeIo(options.io)
  const library = makeLibrary(options.library)
  const exitCode = await run(argv, io.io, library.library)
  return {
    exitCode,
    out: io.stdout.text,
    outBytes: io.stdout.bytes,
    err: io.stderr.text,
    questions: io.questions,
    created: io.created,
    opened: library.opened,
    calls: library.calls,
    openHosts: library.openHosts(),
    json: () => JSON.parse(io.stdout.text) as Record<string, never>,
  }
}
