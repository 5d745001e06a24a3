// A program that speaks HashiCorp's go-plugin: gRPC over a Unix socket in its private /tmp, both sides known by certificates
// that were made for this process alone, host calls over the broker (docs/reference/go-plugin.md).

import {
  bulkheadCookie,
  drainPlugin,
  executeTool,
  type GoPlugin,
  initializePlugin,
  listTools,
  makeHandshake,
  openGoPlugin,
  type PluginGreeting,
} from '@bulkhead/go-plugin'
import {
  type ActionSpec,
  asBulkheadError,
  BulkheadError,
  escapeLine,
  type Json,
  type JsonObject,
  type WireValue,
} from '@bulkhead/kernel'
import { decodeBytes, encodeBytes, type ProcessActionCall } from '@bulkhead/protocols'
import type { Confined } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import { makeOpenCalls, type OpenCalls } from './go-plugin-host-service.ts'
import { makeGoPluginLog } from './go-plugin-log.ts'
import { type ServiceAction, serviceActions } from './go-plugin-services.ts'
import { innerFolder, openInnerFolder } from './inner-folder-node.ts'
import type { PreparedSpeaker, Speaker, SpeakerOptions } from './speaker.ts'

/** Version of Bulkhead's services under go-plugin. */
const serviceVersion = 1
/** Largest message in either direction, as a line of the dialect of JSON-RPC. */
const maxMessageBytes = 16 * 1024 * 1024
/** How long a program that took all its time to drain has to end after `Shutdown`, ms. */
const leastGraceMs = 100
/** How long a program that closed its output may take to end, so that its end is known by how it came, ms. */
const lastWordsMs = 500

/** See {@link PreparedSpeaker}. */
export const prepareGoPlugin = async (options: SpeakerOptions): Promise<PreparedSpeaker> => {
  // Where the folder is on this side is known once the program runs.
  const handshake = await makeHandshake({
    cookie: bulkheadCookie,
    versions: [serviceVersion],
    folder: { onHost: innerFolder, inPlugin: innerFolder },
  })
  return {
    environment: handshake.environment,
    localSockets: true,
    open: async (confined) => {
      using hurry = limitTime(options)
      const { signal } = hurry
      const calls = makeOpenCalls((level, message) => options.log(level, message))
      const folder = openInnerFolder(confined)
      const program = programOf(confined)
      try {
        const plugin = await openGoPlugin({ ...handshake, options: { ...handshake.options, folder } }, program, {
          signal,
          log: makeGoPluginLog(calls, options),
          maxMessageBytes,
        })
        program.isOpen = true
        void confined.exited.then(async () => {
          // It is gone: this closes what is open on this side.
          await plugin.end(0)
          folder[Symbol.dispose]()
        })
        const greeting = await greet(plugin, { calls, options, signal })
        return new GoPluginSpeaker({ plugin, calls, greeting, options })
      } catch (thrown) {
        if (!program.isOpen) folder[Symbol.dispose]()
        if (program.hasSaidAll) await untilEnded(confined, lastWordsMs)
        throw thrown
      }
    },
  }
}

/** The program as the package for go-plugin wants it. Until it is open, whoever started it ends it: so is told what ended by itself. */
const programOf = (confined: Confined) => {
  const program = {
    isOpen: false,
    hasSaidAll: false,
    stdout: confined.stdout,
    stderr: confined.stderr,
    ended: confined.exited,
    kill: () => {
      if (program.isOpen) void confined.end()
    },
  }
  confined.stdout.once('end', () => {
    program.hasSaidAll = true
  })
  // It has nothing to read there.
  confined.stdin.on('error', () => undefined).end()
  return program
}

const untilEnded = async ({ exited }: Confined, ms: number): Promise<void> => {
  const patience = Promise.withResolvers<void>()
  using _timer = clock.after(ms, patience.resolve)
  await Promise.race([exited, patience.promise])
}

/** A signal that ends the handshake when its time is over, or its caller gives up. */
const limitTime = ({ name, timeoutMs, signal }: SpeakerOptions): Disposable & { readonly signal: AbortSignal } => {
  const late = new AbortController()
  const timer = clock.after(timeoutMs, () =>
    late.abort(new BulkheadError('protocol.handshake', `${name} did not finish its handshake within ${timeoutMs} ms`)),
  )
  return {
    signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  }
}

const handshakeFaults: ReadonlySet<string> = new Set(['plugin.failed', 'protocol.violation', 'limit.output'])

/** Offers the host's service and greets the plugin. @throws BulkheadError `protocol.handshake`, `plugin.crashed` */
const greet = async (
  { broker, connection }: GoPlugin,
  {
    calls,
    options: { name, hostVersion, config, functions },
    signal,
  }: { readonly calls: OpenCalls; readonly options: SpeakerOptions; readonly signal: AbortSignal },
): Promise<PluginGreeting> => {
  const hostService = broker.nextId()
  await broker.accept(hostService, 'bulkhead.plugin.v1.Host', calls.methods)
  const request = { hostVersion, configJson: JSON.stringify(config), hostService, functions }
  const greeting = await initializePlugin(connection, request, { signal }).catch((thrown: unknown) => {
    const error = asBulkheadError(thrown)
    if (!handshakeFaults.has(error.code)) throw error
    throw new BulkheadError('protocol.handshake', error.message, { details: { because: error.code }, cause: error })
  })
  if (greeting.name === name) return greeting
  throw new BulkheadError(
    'protocol.handshake',
    `the program calls itself "${escapeLine(greeting.name)}" and was started as "${name}"`,
  )
}

/** After these the process is not spoken to any more: it is gone, or says so, or cannot be understood. */
const endingFaults: ReadonlySet<string> = new Set(['plugin.crashed', 'protocol.violation'])

class GoPluginSpeaker implements Speaker {
  readonly closed: Promise<BulkheadError>
  readonly #plugin: GoPlugin
  readonly #calls: OpenCalls
  readonly #hasTools: boolean
  readonly #services: ReadonlyMap<string, ServiceAction>
  readonly #maxResponseBytes: number
  readonly #givenUp = Promise.withResolvers<BulkheadError>()
  /** A call was taken back that was not answered. gRPC does not tell when the plugin is done with it. */
  #hasAbandoned = false

  constructor(parts: {
    readonly plugin: GoPlugin
    readonly calls: OpenCalls
    readonly greeting: PluginGreeting
    readonly options: SpeakerOptions
  }) {
    const { plugin, calls, greeting, options } = parts
    this.#plugin = plugin
    this.#calls = calls
    this.#hasTools = greeting.services.includes('tool')
    this.#services = serviceActions(plugin.connection, greeting.services, options.maxOutputBytes)
    // Bytes are a third longer in JSON.
    this.#maxResponseBytes = Math.min(maxMessageBytes, Math.ceil(options.maxOutputBytes * 1.34) + 65_536)
    this.closed = Promise.race([plugin.closed, this.#givenUp.promise])
  }

  async listActions(timeoutMs: number): Promise<Readonly<Record<string, ActionSpec>>> {
    const tools = this.#hasTools ? await listTools(this.#plugin.connection, { signal: endAfter(timeoutMs) }) : []
    const table: Record<string, ActionSpec> = Object.fromEntries(
      [...this.#services].map(([name, { spec }]) => [name, spec]),
    )
    for (const { name, description, inputSchema, outputSchema } of tools) {
      if (Object.hasOwn(table, name))
        throw new BulkheadError('protocol.violation', `the plugin has a tool ${name} beside the service of that name`)
      table[name] = {
        ...(description === '' ? {} : { description }),
        ...(inputSchema === undefined ? {} : { input: schemaOf(inputSchema, name) }),
        ...(outputSchema === undefined ? {} : { output: schemaOf(outputSchema, name) }),
      }
    }
    return table
  }

  async call(call: ProcessActionCall): Promise<WireValue> {
    const { action, timeoutMs, toldMs = timeoutMs } = call
    using open = this.#calls.begin(call)
    using ending = endOf(call)
    const { signal } = ending
    const notice = { call: open.handle, deadlineMs: toldMs }
    const options = { signal, maxResponseBytes: this.#maxResponseBytes }
    const input = encodeBytes(call.input)
    const service = this.#services.get(action)
    try {
      if (service !== undefined) return await service.run({ ...notice, input, options })
      if (!this.#hasTools) throw new BulkheadError('action.unknown', `the plugin serves no tools, so no ${action}`)
      const tool = { ...notice, tool: action, inputJson: JSON.stringify(input) }
      return decodeBytes(await executeTool(this.#plugin.connection, tool, options), 'output.invalid')
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      this.#hasAbandoned ||= signal.aborted && service?.isIdle !== true
      if (endingFaults.has(error.code)) this.#givenUp.resolve(error)
      throw error
    }
  }

  async ping(timeoutMs: number): Promise<void> {
    if (this.#hasAbandoned)
      throw new BulkheadError('plugin.failed', 'whether the plugin is done with a call that is over cannot be known')
    await this.#plugin.ping({ signal: endAfter(timeoutMs) })
  }

  async shutdown(timeoutMs: number): Promise<void> {
    const endsAt = clock.monotonic() + timeoutMs
    await drainPlugin(this.#plugin.connection, { signal: endAfter(timeoutMs) }).catch(() => undefined)
    await this.#plugin.end(Math.max(leastGraceMs, endsAt - clock.monotonic()))
  }

  [Symbol.dispose](): void {
    this.#givenUp.resolve(new BulkheadError('plugin.crashed', 'the plugin is let go of'))
  }
}

const schemaOf = (schema: Json, tool: string): JsonObject | boolean => {
  if (typeof schema === 'boolean') return schema
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject
  throw new BulkheadError('output.invalid', `a schema of the tool ${tool} is no JSON Schema`)
}

/** A signal that aborts after a while. */
const endAfter = (ms: number): AbortSignal => {
  const late = new AbortController()
  clock.after(ms, () => late.abort(new BulkheadError('limit.time', `the plugin did not answer within ${ms} ms`)))
  return late.signal
}

/** A signal that aborts when a call is over for its caller. */
const endOf = ({ action, timeoutMs, signal }: ProcessActionCall): Disposable & { readonly signal: AbortSignal } => {
  const late = new AbortController()
  const timer = Number.isFinite(timeoutMs)
    ? clock.after(timeoutMs, () =>
        late.abort(new BulkheadError('limit.time', `${action} took more than ${timeoutMs} ms`)),
      )
    : undefined
  return {
    signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}
