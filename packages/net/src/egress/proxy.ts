// The proxy of one process: the only thing that its network leads to. Whatever is asked of it is made by a host call of the call
// that is under way, through the same door as all others; with the call's end everything that it opened is closed, and outside of
// a call nothing is opened. It holds no permission logic: the gate decides.

import { performance } from 'node:perf_hooks'
import type { Server, Socket } from 'node:net'
import {
  asBulkheadError,
  type AuditSink,
  BulkheadError,
  escapeLine,
  type LogLevel,
  makeTurnQueue,
} from '@bulkhead/kernel'
import type { TrafficLedger } from '../traffic.ts'
import { Authority, type EgressCall } from './authority.ts'
import type { MakeConnect } from './connect-function.ts'
import { type HttpSide, makeHttpSide, type PlainExchange } from './http-side.ts'
import { Pace } from './pace.ts'
import { recordEnd, recordRefusal } from './records.ts'
import { refusalLine } from './refusal.ts'
import { makeSecret, proxyUser } from './secret.ts'
import { serveSocks, socksVersion } from './socks.ts'
import { connectInput, type GivenTarget } from './target.ts'
import { runTunnel } from './tunnel.ts'

/** What a proxy needs of its host. */
export interface ProxyPorts {
  readonly makeConnect: MakeConnect
  readonly ledger: TrafficLedger
  readonly audit: AuditSink
}

/** Bounds of one proxy. */
export interface ProxyBounds {
  /** Connections at once; further ones are dropped. */
  readonly connections: number
  /** From its acceptance until a connection has said what it wants, ms. */
  readonly handshakeMs: number
  /** A connection on which nothing moves, ms. */
  readonly idleMs: number
  /** Refusals during one call; past them the proxy closes for good. */
  readonly refusals: number
  /** Plain requests at once: each is held whole. */
  readonly requests: number
}

/** Defaults of {@link ProxyBounds}. */
export const defaultProxyBounds: ProxyBounds = {
  connections: 64,
  handshakeMs: 10_000,
  idleMs: 60_000,
  refusals: 1000,
  requests: 8,
}

/** Whose proxy it is. */
export interface ProxyOptions {
  readonly plugin: string
  /** Id of the plugin's principal. */
  readonly principal?: string
  readonly bounds?: Partial<ProxyBounds>
  /** Lines outside of any call. */
  log(level: LogLevel, message: string): void
}

/** What waits to be read of one connection, bytes, beside the piece that the system handed over last. */
const mostWaitingBytes = 4096

/** See the file's head. Disposing closes it and all that it opened. */
export class EgressProxy implements Disposable {
  /** What a client has to give as its password. */
  readonly secret = makeSecret()
  readonly #ports: ProxyPorts
  readonly #options: ProxyOptions
  readonly #bounds: ProxyBounds
  readonly #http: HttpSide
  readonly #turns: ReturnType<typeof makeTurnQueue>
  readonly #pace = new Pace()
  readonly #servers = new Set<Server>()
  /** Clients, and what ends those that do not say what they want; `undefined` when they did, or were refused. */
  readonly #clients = new Map<Socket, NodeJS.Timeout | undefined>()
  #authority: Authority | undefined
  #refusals = 0

  constructor(ports: ProxyPorts, options: ProxyOptions) {
    this.#ports = ports
    this.#options = options
    this.#bounds = { ...defaultProxyBounds, ...options.bounds }
    this.#turns = makeTurnQueue(this.#bounds.requests)
    this.#http = makeHttpSide({
      secret: this.secret,
      pace: this.#pace,
      asked: (socket) => this.#heard(socket),
      open: (target) => this.#open(target),
      request: (line, exchange) => this.#request(line, exchange),
      refused: (why, socket) => this.#refusedClient(why, socket),
    })
  }

  /** The variables by which programs find it at that port. */
  environment(port: number): Readonly<Record<string, string>> {
    const place = `${proxyUser}:${this.secret}@127.0.0.1:${port}`
    const variables = { http_proxy: `http://${place}`, https_proxy: `http://${place}`, all_proxy: `socks5h://${place}` }
    return Object.fromEntries([
      ...Object.entries({ ...variables, no_proxy: '' }).flatMap(([name, value]) => [
        [name, value],
        [name.toUpperCase(), value],
      ]),
      ['NODE_USE_ENV_PROXY', '1'],
    ]) as Record<string, string>
  }

  /** Serves what the server accepts, and closes it in the end. */
  serve(server: Server): void {
    this.#servers.add(server)
    server.maxConnections = this.#bounds.connections
    // Each side may end its own direction. Of a body that comes byte by byte, each of these bytes is an object while it waits.
    Object.assign(server, { allowHalfOpen: true, highWaterMark: mostWaitingBytes })
    server.on('error', () => undefined)
    // The process that dials it keeps the host alive, or does not.
    server.unref()
    server.on('drop', () => this.#refused(`more than ${this.#bounds.connections} connections at once`))
    server.on('connection', (socket) => this.#accept(socket))
  }

  /** From now on connections are opened for this call, until it ends, another begins, or {@link end}. */
  begin(call: EgressCall): void {
    if (this.#authority?.call.context.callId === call.context.callId) return
    this.end()
    this.#refusals = 0
    this.#authority = new Authority(call, this.#ports.makeConnect, () => {
      if (this.#authority?.call === call) this.#authority = undefined
      this.#dropClients()
    })
    if (this.#authority.signal.aborted) this.#authority = undefined
  }

  /** Closes every connection; no more are opened until the next call begins. */
  end(): void {
    this.#authority?.[Symbol.dispose]()
    this.#authority = undefined
  }

  [Symbol.dispose](): void {
    this.end()
    this.#close()
  }

  #close(): void {
    for (const server of this.#servers) server.close()
    this.#dropClients()
  }

  #dropClients(): void {
    for (const socket of this.#clients.keys()) {
      this.#heard(socket)
      socket.destroy()
    }
  }

  #accept(socket: Socket): void {
    const slow = setTimeout(() => {
      this.#refusedClient('a client of the proxy took too long to say what it wants', socket)
      socket.destroy()
    }, this.#bounds.handshakeMs)
    slow.unref()
    this.#clients.set(socket, slow)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      // To come and go costs us more than the client, so that counts too.
      if (this.#clients.get(socket) !== undefined)
        this.#refusedClient('a client of the proxy left without a word', socket)
      this.#clients.delete(socket)
    })
    socket.setTimeout(this.#bounds.idleMs, () => socket.destroy())
    // Gone before it said anything.
    const leave = (): void => void socket.destroy()
    const look = (): void => {
      const first = socket.read(1) as Buffer | null
      if (first === null) return void socket.once('readable', look)
      socket.off('end', leave)
      socket.unshift(first)
      if (first[0] !== socksVersion) return this.#http.serve(socket)
      void serveSocks(socket, {
        secret: this.secret,
        asked: () => this.#heard(socket),
        open: (target) => this.#open(target),
        refused: (why) => this.#refusedClient(why, socket),
      })
    }
    socket.once('end', leave)
    socket.once('readable', look)
  }

  /** It said what it wants, or was refused: its time for that is over. */
  #heard(socket: Socket): void {
    if (!this.#clients.has(socket)) return
    clearTimeout(this.#clients.get(socket))
    this.#clients.set(socket, undefined)
  }

  #refusedClient(why: string, socket: Socket): void {
    this.#heard(socket)
    this.#refused(why)
  }

  async #open(target: GivenTarget): Promise<{ run(client: Socket, head: Uint8Array): void }> {
    const what = `${target.host}:${target.port}`
    try {
      const authority = this.#requireAuthority()
      const upstream = await authority.connect(target)
      return { run: (client, head) => void this.#run(authority, { client, upstream, head }, target) }
    } catch (thrown) {
      throw this.#failed(what, thrown)
    }
  }

  async #run(authority: Authority, ends: Parameters<typeof runTunnel>[0], given: GivenTarget): Promise<void> {
    const { ledger, audit } = this.#ports
    const target = connectInput.parse(given)
    const { context } = authority.call
    const startedMs = performance.now()
    const end = await runTunnel(ends, { target, call: context, ledger, signal: authority.signal, pace: this.#pace })
    recordEnd(audit, { ...this.#options, context }, { ...end, target, openMs: performance.now() - startedMs })
    if (end.error !== undefined && !authority.signal.aborted) {
      authority.call.log('warn', escapeLine(`network: ${end.error.message} (${end.error.code})`))
    }
  }

  async #request(line: string, exchange: PlainExchange): Promise<void> {
    try {
      const authority = this.#requireAuthority()
      using _turn = await this.#turns.take('', authority.signal)
      await exchange.answer(await authority.request(await exchange.read()))
    } catch (thrown) {
      throw this.#failed(line, thrown)
    }
  }

  #requireAuthority(): Authority {
    if (this.#authority !== undefined) return this.#authority
    throw new BulkheadError(
      'call.cancelled',
      'no call is under way, and a plugin reaches the network only within its calls',
    )
  }

  /** The gate has recorded what it denied; the rest is recorded here. */
  #failed(what: string, thrown: unknown): BulkheadError {
    const error = asBulkheadError(thrown)
    this.#refused(refusalLine(what, error), { isRecorded: error.code === 'capability.denied' })
    return error
  }

  #refused(why: string, { isRecorded = false } = {}): void {
    const call = this.#authority?.call
    const { plugin, principal, log } = this.#options
    if (++this.#refusals > this.#bounds.refusals) return this.#close()
    if (!isRecorded) recordRefusal(this.#ports.audit, { plugin, principal, context: call?.context }, why)
    const line = escapeLine(why, 1000)
    if (call === undefined) log('warn', line)
    else call.log('warn', line)
    if (this.#refusals === this.#bounds.refusals) {
      log('warn', `network: ${plugin} was refused ${this.#refusals} times in one call; its proxy is closed`)
      this.#close()
    }
  }
}
