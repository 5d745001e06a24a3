// A running go-plugin from the host's side: handshake, main connection, broker, forwarded output, health and the way down.
// The process was started by somebody else, who also decides what it may touch.

import type { Readable } from 'node:stream'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { AddressRules, PluginAddress, SocketFolder } from './address.ts'
import { type Broker, openBroker } from './broker.ts'
import type { CallOptions } from './call.ts'
import { type Connection, openConnection, type Trust } from './connection.ts'
import { methodOf } from './definitions.ts'
import { readFirstLine } from './first-line.ts'
import { type Handshake, maxHandshakeBytes, parseIntroduction } from './handshake.ts'
import { forwardOutput } from './forwarded-output.ts'
import { drainThrough, type LogSink, makeLogIntake } from './log-intake.ts'
import type { Reattach } from './reattach.ts'
import { isToldOfStreams } from './refuse-push.ts'

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
  /** Settles when the plugin cannot be spoken to any more, with the reason. */
  readonly closed: Promise<BulkheadError>
  /** Asks go-plugin's health service. @throws BulkheadError `plugin.crashed`, `plugin.failed` */
  ping(options?: CallOptions): Promise<void>
  /** Shuts it down as disposing does, with another time to end by itself, ms. */
  end(graceMs: number): Promise<void>
}

const defaultMaxMessageBytes = 10 * 1024 * 1024
const defaultGraceMs = 2_000

/** How long what a process wrote at its end may take to arrive here, milliseconds. */
const lastWordsMs = 250

/** Aborts with the caller's signal, or shortly after the process has ended. */
const whileItRuns = (process: PluginProcess, signal: AbortSignal): AbortSignal => {
  const gone = new AbortController()
  const error = new BulkheadError('protocol.handshake', 'the plugin ended before its handshake')
  void process.ended.then(() => setTimeout(() => gone.abort(error), lastWordsMs).unref())
  return AbortSignal.any([signal, gone.signal])
}

/**
 * Takes up with a process that was started with `handshake.environment`. When it fails the process is ended.
 *
 * @throws BulkheadError `protocol.handshake`, or what the signal was aborted with
 */
export const openGoPlugin = async (
  handshake: Handshake,
  process: PluginProcess,
  options: GoPluginOptions,
): Promise<GoPlugin> => {
  drainThrough(process.stderr, makeLogIntake('stderr', options.log))
  try {
    const signal = whileItRuns(process, options.signal)
    const line = await readFirstLine(process.stdout, { maxBytes: maxHandshakeBytes, signal })
    const { version, address, certificate } = parseIntroduction(line, handshake.options)
    drainThrough(process.stdout, makeLogIntake('stdout', options.log))
    const trust = { identity: handshake.identity, certificate }
    const met = await meet({ version, address, trust, rules: handshake.options }, { ...options, signal })
    void process.ended.then(() => met.close())
    return withEnd(met, process, options.graceMs ?? defaultGraceMs)
  } catch (error) {
    process.kill()
    // Nobody reads on: what it still writes must not pile up here.
    process.stdout.destroy()
    throw error
  }
}

/** The plugin with its way down: broker, `Shutdown`, a while to end by itself, and the end of the process. */
const withEnd = ({ plugin, close }: Met, process: PluginProcess, usualGraceMs: number): GoPlugin => {
  const shutDown = async (graceMs: number): Promise<void> => {
    const grace = AbortSignal.timeout(Math.max(0, Math.ceil(graceMs)))
    const graceOver = new Promise<void>((resolve) => grace.addEventListener('abort', () => resolve(), { once: true }))
    await plugin.broker[Symbol.asyncDispose]()
    // The plugin stops its server while it answers, so an error says nothing here.
    await plugin.connection.call(methodOf('plugin.GRPCController', 'Shutdown'), {}, { signal: grace }).catch(() => {})
    await close()
    await Promise.race([process.ended, graceOver])
    process.kill()
    await process.ended
  }
  let ending: Promise<void> | undefined
  const end = (graceMs: number): Promise<void> => (ending ??= shutDown(graceMs))
  return { ...plugin, end, [Symbol.asyncDispose]: () => end(usualGraceMs) }
}

/** Where a plugin is that somebody debugs, as its reattach configuration says. */
export interface AttachOptions extends GoPluginOptions {
  readonly reattach: Reattach
  /** Where the plugin makes the sockets of its broker: the system's folder for temporary files, mostly. */
  readonly folder: SocketFolder
}

/**
 * Takes up with a plugin that somebody started by hand, in a debugger for example (`plugin.ServeConfig.Test`). Nothing is
 * encrypted and nobody is known: only for what the operator names. Disposing leaves the plugin running.
 *
 * @throws BulkheadError `protocol.handshake`, or what the signal was aborted with
 */
export const attachGoPlugin = async ({ reattach, folder, ...options }: AttachOptions): Promise<GoPlugin> => {
  const { version, address } = reattach
  const { plugin, close } = await meet({ version, address, trust: undefined, rules: { folder } }, options)
  return { ...plugin, end: close, [Symbol.asyncDispose]: close }
}

interface Introduced {
  readonly version: number
  readonly address: PluginAddress
  readonly trust: Trust | undefined
  readonly rules: AddressRules
}

interface Met {
  readonly plugin: Omit<GoPlugin, typeof Symbol.asyncDispose | 'end'>
  close(): Promise<void>
}

/** The first calls, which show that the other side is who it said it is and speaks gRPC. */
const meet = async (introduced: Introduced, options: GoPluginOptions): Promise<Met> => {
  const { version, address, trust, rules } = introduced
  const bounds = { maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes }
  const connection = openConnection(address, trust, bounds)
  const broker = openBroker({ connection, rules, trust, bounds })
  const close = async (): Promise<void> => {
    await broker[Symbol.asyncDispose]()
    connection[Symbol.dispose]()
  }
  const closed = new Promise<BulkheadError>((resolve) => {
    broker.over.addEventListener('abort', () => resolve(asBulkheadError(broker.over.reason)), { once: true })
  })
  // Early, because the plugin blocks on its output while nobody reads it; once, because it is sent once.
  void forwardOutput(connection, options.log)
  const check = methodOf('grpc.health.v1.Health', 'Check')
  const ping = async (callOptions: CallOptions = {}): Promise<void> => {
    const { status } = (await connection.call(check, { service: 'plugin' }, callOptions)) as { status: string }
    if (status !== 'SERVING') throw new BulkheadError('plugin.failed', `the plugin reports its health as ${status}`)
  }
  try {
    await ping({ signal: options.signal })
    if (!isToldOfStreams())
      throw new BulkheadError('runtime.missing', 'this Node does not tell of HTTP/2 streams, so none can be refused', {
        hint: 'Use Node 24.2 or later.',
      })
  } catch (error) {
    await close()
    if (options.signal.aborted || (error instanceof BulkheadError && error.code === 'runtime.missing')) throw error
    const { code, message } = asBulkheadError(error)
    throw new BulkheadError('protocol.handshake', `the plugin did not answer as it announced: ${message}`, {
      details: { because: code },
      cause: error,
    })
  }
  return { plugin: { version, connection, broker, closed, ping }, close }
}
