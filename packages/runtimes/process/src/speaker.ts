// What a program speaks, as the runtime needs it: the plugin dialect or MCP. An MCP server makes no host calls: all that it has is
// what its sandbox gives it.

import { performance } from 'node:perf_hooks'
import { type ActionSpec, BulkheadError, type Json, type LogLevel, type WireValue } from '@bulkhead/kernel'
import { openMcpClient, openProcessPlugin, type ProcessActionCall } from '@bulkhead/protocols'
import type { Confined } from '@bulkhead/sandbox'

/** Protocols that this build speaks. */
export type SpokenProtocol = 'jsonrpc' | 'mcp'

/** What a program is told of whom it speaks to. */
export interface SpeakerOptions {
  readonly protocol: SpokenProtocol
  readonly name: string
  readonly version: string
  readonly hostVersion: string
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** For the handshake, ms. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  log(level: LogLevel, message: string): void
}

/** The host's end of the streams of a program. Disposing ends its calls and the streams. */
export interface Speaker extends Disposable {
  listActions(timeoutMs: number): Promise<Readonly<Record<string, ActionSpec>>>
  /** @throws BulkheadError */
  call(call: ProcessActionCall): Promise<WireValue>
  /** @throws BulkheadError when it does not answer in time */
  ping(timeoutMs: number): Promise<void>
  /** Asks the program to finish. */
  shutdown(timeoutMs: number): Promise<unknown>
  /** Settles when the streams are closed, with the reason. */
  readonly closed: Promise<BulkheadError>
}

/** The clock of this process. Its timers do not keep the process alive. */
export const clock = {
  monotonic: (): number => performance.now(),
  after: (ms: number, run: () => void): Disposable => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Shakes hands. @throws BulkheadError `protocol.*`, `plugin.crashed`, `call.cancelled` */
export const openSpeaker = (confined: Confined, options: SpeakerOptions): Promise<Speaker> =>
  options.protocol === 'mcp' ? openMcp(confined, options) : openDialect(confined, options)

const common = (confined: Confined, { timeoutMs, signal, log }: SpeakerOptions) => ({
  streams: { readable: confined.stdout, writable: confined.stdin },
  clock,
  handshakeTimeoutMs: timeoutMs,
  ...(signal === undefined ? {} : { signal }),
  log: (level: LogLevel, message: string) => log(level, message),
})

const openDialect = async (confined: Confined, options: SpeakerOptions): Promise<Speaker> => {
  const plugin = await openProcessPlugin({
    ...common(confined, options),
    host: { name: 'bulkhead', version: options.hostVersion },
    plugin: { name: options.name, version: options.version },
    functions: options.functions,
    config: options.config,
  })
  return {
    listActions: (timeoutMs) => plugin.listActions({ timeoutMs }),
    call: (call) => plugin.call(call),
    ping: (timeoutMs) => plugin.ping(timeoutMs),
    shutdown: (timeoutMs) => plugin.shutdown(timeoutMs),
    closed: plugin.closed,
    [Symbol.dispose]: () => plugin[Symbol.dispose](),
  }
}

const openMcp = async (confined: Confined, options: SpeakerOptions): Promise<Speaker> => {
  const client = await openMcpClient({
    ...common(confined, options),
    client: { name: 'bulkhead', version: options.hostVersion },
    logLevel: 'info',
  })
  try {
    // Only tools that were listed can be called.
    const actions = await client.listActions({ timeoutMs: options.timeoutMs })
    return {
      listActions: async () => actions,
      call: async ({ action, input, timeoutMs, signal }) =>
        client.call({ action, input: jsonOf(input), timeoutMs, ...(signal === undefined ? {} : { signal }) }),
      ping: (timeoutMs) => client.ping(timeoutMs),
      shutdown: async () => client.endInput(),
      closed: client.closed,
      [Symbol.dispose]: () => client[Symbol.dispose](),
    }
  } catch (thrown) {
    client[Symbol.dispose]()
    throw thrown
  }
}

/** MCP has no byte strings. @throws BulkheadError `input.invalid` */
const jsonOf = (input: WireValue): Json => {
  if (input instanceof Uint8Array) {
    throw new BulkheadError('input.invalid', 'a tool of an MCP server takes a JSON object, not bytes')
  }
  return JSON.parse(JSON.stringify(input)) as Json
}
