// The host's side of the plugin dialect: handshake, calls, and the host calls that a plugin makes on behalf of a call
// that is under way. It decides nothing about permissions: a host call goes to the dispatch of its own call.

import {
  type ActionSpec,
  BulkheadError,
  errorFromWire,
  escapeLine,
  type Json,
  type JsonObject,
  type LogLevel,
  packPayload,
  unpackPayload,
  type WireValue,
} from '@bulkhead/kernel'
import { defaultJsonRpcBounds, type JsonRpcBounds } from '../jsonrpc/bounds.ts'
import { hear, type JsonRpcPeer } from '../jsonrpc/options.ts'
import { openJsonRpcPeer } from '../jsonrpc/peer.ts'
import { serve } from '../jsonrpc/served-calls.ts'
import { decodeBytes, encodeBytes } from './byte-strings.ts'
import {
  callAction,
  dialectVersions,
  hostCall,
  initialize,
  listActions,
  log,
  noCommonVersion,
  ping,
  shutdown,
} from './dialect.ts'
import type { PeerIdentity, ProcessActionCall, ProcessPlugin, ProcessPluginOptions } from './options.ts'

/** Longest line of a log, characters. */
const maxLogLength = 8192

/**
 * Opens the host's side on the streams of a process and shakes hands.
 * @throws BulkheadError `protocol.handshake`, `protocol.version`, `protocol.violation`, `plugin.crashed`, `call.cancelled`
 */
export const openProcessPlugin = async (options: ProcessPluginOptions): Promise<ProcessPlugin> => {
  const calls: CallsUnderWay = new Map()
  const peer = openJsonRpcPeer({
    streams: options.streams,
    clock: options.clock,
    quietUntilOpen: true,
    serves: [serve(hostCall, (params, signal) => answerHostCall(calls, params, signal))],
    hears: [hear(log, ({ level, message, callId }) => writeLog(calls, options, { level, message, callId }))],
    log: (level, message) => options.log(level, message),
    ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
  })
  try {
    const { protocolVersion, plugin } = await shakeHands(peer, options)
    return new Plugin(peer, calls, { identity: plugin, protocolVersion })
  } catch (thrown) {
    peer[Symbol.dispose]()
    throw thrown
  }
}

interface CallUnderWay {
  readonly call: ProcessActionCall
  /** Aborts when the call is over, however it ended. */
  readonly over: AbortController
}
type CallsUnderWay = Map<string, CallUnderWay>

const shakeHands = async (
  peer: JsonRpcPeer,
  { host, plugin, functions, config, bounds, handshakeTimeoutMs, signal }: ProcessPluginOptions,
): Promise<{ protocolVersion: number; plugin: PeerIdentity }> => {
  const { maxLineBytes, maxDepth, maxCallsIn }: JsonRpcBounds = { ...defaultJsonRpcBounds, ...bounds }
  const answer = await peer
    .call(
      initialize,
      {
        protocolVersion: dialectVersions,
        host,
        plugin,
        functions: [...functions],
        config: { ...config },
        limits: { maxLineBytes, maxDepth, maxCallsIn },
      },
      { timeoutMs: handshakeTimeoutMs, opens: true, ...(signal === undefined ? {} : { signal }) },
    )
    .catch((thrown: unknown) => {
      // The caller's own time was up, and that is no fault of the plugin's.
      throw signal?.aborted === true ? thrown : handshakeError(thrown as BulkheadError)
    })
  const { oldest, newest } = dialectVersions
  if (answer.protocolVersion < oldest || answer.protocolVersion > newest) {
    const offered = Number(oldest) === Number(newest) ? String(newest) : `${String(oldest)} to ${String(newest)}`
    throw new BulkheadError(
      'protocol.version',
      `the plugin chose version ${answer.protocolVersion} of the protocol; the host speaks ${offered}`,
    )
  }
  if (answer.plugin.name !== plugin.name) {
    throw new BulkheadError(
      'protocol.handshake',
      `the program calls itself "${escapeLine(answer.plugin.name)}" and was started as "${plugin.name}"`,
    )
  }
  return answer
}

const handshakeError = (error: BulkheadError): BulkheadError => {
  if (error.code === 'plugin.failed' && error.details?.['rpcCode'] === noCommonVersion)
    return new BulkheadError('protocol.version', error.message, { cause: error })
  return ['limit.time', 'plugin.failed', 'output.invalid'].includes(error.code)
    ? new BulkheadError('protocol.handshake', error.message, { cause: error })
    : error
}

const answerHostCall = async (
  calls: CallsUnderWay,
  params: { callId: string; function: string; input?: unknown },
  signal: AbortSignal,
): Promise<{ output: Json }> => {
  const underWay = calls.get(params.callId)
  if (underWay === undefined) {
    throw new BulkheadError('call.cancelled', 'the call is not under way', {
      hint: 'Name the callId of an action/call that was not answered yet.',
    })
  }
  const input = packPayload(decodeBytes((params.input ?? null) as Json, 'input.invalid'))
  const ended = untilAborted(AbortSignal.any([underWay.over.signal, signal]))
  const reply = await Promise.race([underWay.call.dispatch(params.function, input), ended])
  if (!reply.ok) throw errorFromWire(reply.error)
  return { output: encodeBytes(unpackPayload(reply.payload, `the reply of ${params.function}`)) }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(new BulkheadError('call.cancelled', 'the call is over'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

const writeLog = (
  calls: CallsUnderWay,
  options: ProcessPluginOptions,
  line: { level: LogLevel; message: string; callId: string | undefined },
): void => {
  const call = line.callId === undefined ? undefined : calls.get(line.callId)?.call
  const message = escapeLine(line.message, maxLogLength)
  if (call === undefined) options.log(line.level, message)
  else call.log(line.level, message)
}

class Plugin implements ProcessPlugin {
  readonly identity: PeerIdentity
  readonly protocolVersion: number
  readonly #peer: JsonRpcPeer
  readonly #calls: CallsUnderWay

  constructor(peer: JsonRpcPeer, calls: CallsUnderWay, told: { identity: PeerIdentity; protocolVersion: number }) {
    this.#peer = peer
    this.#calls = calls
    this.identity = told.identity
    this.protocolVersion = told.protocolVersion
  }

  get closed(): Promise<BulkheadError> {
    return this.#peer.closed
  }

  get statistics(): JsonRpcPeer['statistics'] {
    return this.#peer.statistics
  }

  async listActions(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Record<string, ActionSpec>> {
    const { actions } = await this.#peer.call(listActions, {}, options)
    const specs: [string, ActionSpec][] = actions.map(({ name, description, input, output }) => [
      name,
      {
        ...(description === undefined ? {} : { description }),
        ...(input === undefined ? {} : { input: input as JsonObject | boolean }),
        ...(output === undefined ? {} : { output: output as JsonObject | boolean }),
      },
    ])
    const table = Object.fromEntries(specs)
    if (Object.keys(table).length < specs.length)
      throw new BulkheadError('output.invalid', 'the plugin lists an action twice')
    return table
  }

  async call(call: ProcessActionCall): Promise<WireValue> {
    const { callId, action, timeoutMs, toldMs = timeoutMs, signal } = call
    if (this.#calls.has(callId)) throw new BulkheadError('host.internal', `the call ${callId} is under way already`)
    const over = new AbortController()
    this.#calls.set(callId, { call, over })
    try {
      const { output } = await this.#peer.call(
        callAction,
        { callId, action, input: encodeBytes(call.input), deadlineMs: toldMs },
        { timeoutMs, what: `the action ${escapeLine(action, 100)}`, ...(signal === undefined ? {} : { signal }) },
      )
      return decodeBytes(output, 'output.invalid')
    } finally {
      this.#calls.delete(callId)
      over.abort()
    }
  }

  async ping(timeoutMs: number): Promise<void> {
    await this.#peer.call(ping, {}, { timeoutMs })
  }

  async shutdown(timeoutMs: number): Promise<boolean> {
    const hasAnswered = await this.#peer.call(shutdown, {}, { timeoutMs }).then(
      () => true,
      () => false,
    )
    this.#peer.endInput()
    return hasAnswered
  }

  [Symbol.dispose](): void {
    this.#peer[Symbol.dispose]()
  }
}
