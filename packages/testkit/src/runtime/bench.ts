// Loads a tier's artifact and calls it as the host would, with a host function and a context of the suite's own. Decides
// nothing: what comes back is what the runtime gave.

import {
  BulkheadError,
  type Boundary,
  type CallContext,
  defaultLimits,
  type Dispatch,
  type Isolation,
  type Language,
  type Limits,
  type LoadedPlugin,
  type LogLevel,
  type Manifest,
  type Protocol,
  packPayload,
  type Runtime,
  type RuntimeCall,
  type RuntimeResult,
  unpackPayload,
  type WireValue,
} from '@bulkhead/kernel'
import { askedFunction, type Behaviour, type ConformanceFixture } from './behaviour.ts'

/** Answers `test.ask`. What it throws becomes a refusal that carries an id. */
export type Answerer = (input: WireValue, context: CallContext) => WireValue | Promise<WireValue>

/** What a case may say of one call. */
export interface BenchCall {
  readonly host?: Answerer
  readonly context?: Partial<CallContext>
  /** Time until the deadline, ms; generous when absent. */
  readonly wallMs?: number
}

/** A loaded artifact. Disposing it unloads it. */
export interface BenchPlugin extends AsyncDisposable {
  readonly loaded: LoadedPlugin
  /** Lines written during calls, `<level> <message>`. */
  readonly lines: readonly string[]
  /** Calls with a value. @throws BulkheadError; a refusal that came back through the guest is the host's own again */
  call(behaviour: Behaviour | (string & {}), input?: unknown, options?: BenchCall): Promise<WireValue>
  /** Calls with a value and returns all that the runtime says. */
  invoke(behaviour: Behaviour, input: unknown): Promise<RuntimeResult>
  /** Calls with bytes. */
  callRaw(behaviour: Behaviour, input: Uint8Array, options?: BenchCall): Promise<Uint8Array>
}

/** What a case works with. */
export interface Bench {
  readonly runtime: Runtime
  readonly boundary: Boundary
  load(options?: {
    readonly limits?: Partial<Limits>
    readonly isolation?: Isolation
    readonly signal?: AbortSignal
  }): Promise<BenchPlugin>
  /** Workers, processes and the like that the tier holds now. */
  leftovers(): number
}

let calls = 0

/** Makes the bench of one runtime at one boundary. */
export const makeBench = (
  runtime: Runtime,
  fixture: ConformanceFixture,
  where: { readonly boundary: Boundary; readonly leftovers: () => number },
): Bench => ({
  runtime,
  ...where,
  load: async (options = {}) => {
    const limits = { ...defaultLimits, ...options.limits }
    const { protocol, language, ...artifact } = fixture
    const manifest = manifestOf(runtime, fixture.entry, {
      isolation: options.isolation ?? 'per-call',
      protocol,
      language,
    })
    const loaded = await runtime.load(
      { manifest, digest: '0'.repeat(64), modules: [], ...artifact },
      {
        boundary: where.boundary,
        domain: manifest.name,
        limits,
        config: {},
        functions: [askedFunction],
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        log: () => undefined,
      },
    )
    const lines: string[] = []
    const run = (request: Pick<RuntimeCall, 'action' | 'input' | 'output'>, spec: BenchCall) =>
      runOnce(loaded, { request, spec, limits, log: (level, message) => lines.push(`${level} ${message}`) })
    return {
      loaded,
      lines,
      call: async (action, input = null, spec = {}) => {
        const request = { action, input: { kind: 'value', payload: packPayload(input) }, output: 'value' } as const
        const { output } = await run(request, spec)
        if (output.kind !== 'value') throw new TypeError('a value was asked for and bytes came')
        return unpackPayload(output.payload, 'the output')
      },
      invoke: (action, input) =>
        run({ action, input: { kind: 'value', payload: packPayload(input) }, output: 'value' }, {}),
      callRaw: async (action, bytes, spec = {}) => {
        const { output } = await run({ action, input: { kind: 'raw', bytes }, output: 'raw' }, spec)
        if (output.kind !== 'raw') throw new TypeError('bytes were asked for and a value came')
        return output.bytes
      },
      [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
    }
  },
})

const runOnce = async (
  loaded: LoadedPlugin,
  parts: {
    readonly request: Pick<RuntimeCall, 'action' | 'input' | 'output'>
    readonly spec: BenchCall
    readonly limits: Limits
    log(level: LogLevel, message: string): void
  },
) => {
  const { request, spec, limits, log } = parts
  const callId = `call${++calls}`
  const context: CallContext = {
    callId,
    principal: { id: 'test:conformance', name: 'conformance', digest: '0'.repeat(64) },
    chain: [],
    action: request.action,
    workspaceRoot: '/',
    deadlineMs: performance.now() + (spec.wallMs ?? 60_000),
    limits,
    signal: new AbortController().signal,
    ...spec.context,
  }
  const handedOut = new Map<string, BulkheadError>()
  try {
    return await loaded.call({ ...request, context, dispatch: doorOf(context, spec.host, handedOut), log })
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError)) throw thrown
    const id = thrown.id ?? thrown.details?.['hostErrorId']
    throw (typeof id === 'string' ? handedOut.get(id) : undefined) ?? thrown
  }
}

const doorOf =
  (context: CallContext, host: Answerer | undefined, handedOut: Map<string, BulkheadError>): Dispatch =>
  async (name, payload) => {
    try {
      if (name !== askedFunction || host === undefined) {
        throw new BulkheadError('function.unknown', `there is no host function "${name}"`)
      }
      return { ok: true, payload: packPayload(await host(unpackPayload(payload, 'the question'), context)) }
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown
      const id = `${context.callId}-${handedOut.size + 1}`
      handedOut.set(id, thrown)
      return { ok: false, error: { ...thrown.toJSON(), id } }
    }
  }

interface Spoken {
  readonly protocol: Protocol | undefined
  readonly language: Language | undefined
}

const manifestOf = (
  { tier }: Runtime,
  entry: string,
  { isolation, protocol, language }: Pick<Manifest['execution'], 'isolation'> & Spoken,
): Manifest => ({
  manifest: 1,
  name: 'conformance',
  version: '1.0.0',
  type: 'tool',
  keywords: [],
  execution: {
    ...{ tier, entry, modules: [], isolation, limits: {} },
    ...(protocol === undefined ? {} : { protocol }),
    ...(language === undefined ? {} : { language }),
  },
  asks: [],
  denies: [],
  actions: {},
  dependencies: {},
  activation: { events: [] },
  lifecycle: { hotReload: false, gracefulShutdownTimeoutMs: 1000 },
})
