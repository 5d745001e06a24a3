// A running go-plugin from the host's side: handshake, main connection, broker, forwarded output, health and the way down.
// The process was started by somebody else, who also decides what it may touch.

import type { Readable } from 'node:stream'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { PluginAddress } from './address.ts'
import { type Broker, openBroker } from './broker.ts'
import { type CallOptions, type Connection, openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { readFirstLine } from './first-line.ts'
import { type Handshake, maxHandshakeBytes, parseIntroduction } from './handshake.ts'
import { drainThrough, type LogSink, makeLogIntake } from './log-intake.ts'

/** A process that was started with the handshake's environment. */
export interface PluginProcess {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the process has ended. */
  readonly ended: Promise<unknown>
  /** Ends the process and all that it started, at once. May be called again. */
  kill(): void
}

/** Options of {@link openGoPlugin} and {@link attachGoPlugin}. */
export interface GoPluginOptions {
  /** Gives up opening; the error is what it was aborted with. */
  readonly signal: AbortSignal
  readonly log: LogSink
  /** Largest message in either direction, bytes; 10 MiB when absent. */
  readonly maxMessageBytes?: number
  /** How long a plugin may take to end by itself when it is closed, milliseconds; 2,000 when absent, as in go-plugin. */
  readonly graceMs?: number
}

/** A plugin that answers. Disposing shuts it down: broker, then `Shutdown`, then the connection, then the process. */
export interface GoPlugin extends AsyncDisposable {
  /** The version of the application's protocol that both speak. */
  readonly version: number
  readonly connection: Connection
  readonly broker: Broker
  /** Where it listens, as {@link attachGoPlugin} takes it. */
  readonly address: PluginAddress
  /** Asks go-plugin's health service. @throws BulkheadError `plugin.crashed`, `plugin.failed` */
  ping(options?: CallOptions): Promise<void>
}

const defaultMaxMessageBytes = 10 * 1024 * 1024
const defaultGraceMs = 2_000

/**
 * Takes up with a process that was started with `handshake.environment`. When it fails the process is ended.
 *
 * @throws BulkheadError `plugin.handshake`, or what the signal was aborted with
 */
export const openGoPlugin = async (
  handshake: Handshake,
  process: PluginProcess,
  options: GoPluginOptions,
): Promise<GoPlugin> => {
  drainThrough(process.stderr, makeLogIntake('stderr', options.log))
  let connection: Connection | undefined
  try {
    const line = await readFirstLine(process.stdout, { maxBytes: maxHandshakeBytes, signal: options.signal })
    const introduction = parseIntroduction(line, handshake.options)
    drainThrough(process.stdout, makeLogIntake('stdout', options.log))
    const trust = { identity: handshake.identity, certificate: introduction.certificate }
    const bounds = { maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes }
    connection = openConnection(introduction.address, trust, bounds)
    const broker = openBroker({ connection, rules: handshake.options, trust, bounds })
    return await meet(
      { connection, broker, process, version: introduction.version, address: introduction.address },
      options,
    )
  } catch (error) {
    connection?.[Symbol.dispose]()
    process.kill()
    // Nobody reads on: what it still writes must not pile up here.
    process.stdout.destroy()
    throw error
  }
}

interface Met {
  readonly connection: Connection
  readonly broker: Broker
  readonly process: PluginProcess
  readonly version: number
  readonly address: PluginAddress
}

/** The first calls, which show that the other side is who it said it is and speaks gRPC. */
const meet = async (met: Met, options: GoPluginOptions): Promise<GoPlugin> => {
  const { connection, broker, process, version, address } = met
  // Early, because the plugin blocks on its output while nobody reads it; once, because it is sent once.
  forwardOutput(connection, options.log)
  const check = methodOf('grpc.health.v1.Health', 'Check')
  const ping = async (callOptions: CallOptions = {}): Promise<void> => {
    const { status } = (await connection.call(check, { service: 'plugin' }, callOptions)) as { status: string }
    if (status !== 'SERVING') throw new BulkheadError('plugin.failed', `the plugin reports its health as ${status}`)
  }
  await ping({ signal: options.signal }).catch((error: unknown) => {
    const { code, message } = asBulkheadError(error)
    if (options.signal.aborted) throw error
    throw new BulkheadError('plugin.handshake', `the plugin did not answer as it announced: ${message}`, {
      details: { because: code },
      cause: error,
    })
  })
  void process.ended.then(() => connection[Symbol.dispose]())

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await broker[Symbol.asyncDispose]()
    const grace = AbortSignal.timeout(options.graceMs ?? defaultGraceMs)
    const graceOver = new Promise<void>((resolve) => grace.addEventListener('abort', () => resolve(), { once: true }))
    // The plugin stops its server while it answers, so an error says nothing here.
    await connection.call(methodOf('plugin.GRPCController', 'Shutdown'), {}, { signal: grace }).catch(() => {})
    connection[Symbol.dispose]()
    await Promise.race([process.ended, graceOver])
    process.kill()
    await process.ended
  }
  return {
    version,
    connection,
    broker,
    address,
    ping,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

interface StdioData {
  readonly channel: string
  readonly data: Buffer
}

const forwardOutput = (connection: Connection, log: LogSink): void => {
  const stdout = makeLogIntake('forwarded-stdout', log)
  const stderr = makeLogIntake('forwarded-stderr', log)
  const stream = connection.stream(methodOf('plugin.GRPCStdio', 'StreamStdio'), {})
  stream.on('data', ({ channel, data }: StdioData) => {
    if (channel === 'STDOUT') stdout.push(data)
    else if (channel === 'STDERR') stderr.push(data)
  })
  // A plugin that does not forward its output ends the stream with an error; that is allowed.
  stream.on('error', () => {})
  stream.once('close', () => {
    stdout.end()
    stderr.end()
  })
}
