// Moves bytes between a program and where its connection leads, counts them against the limits of the call, and sees that
// what begins as TLS names the host that was granted. It opens nothing and asks nobody.

import type { Socket } from 'node:net'
import { type CallContext, asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { Traffic, type TrafficLedger } from '../traffic.ts'
import { readClientHello } from './client-hello.ts'
import type { Pace } from './pace.ts'
import type { ConnectTarget } from './target.ts'

/** A connection at both its ends. */
export interface TunnelEnds {
  readonly client: Socket
  readonly upstream: Socket
  /** What the client sent already. */
  readonly head: Uint8Array
}

/** For whom, and where to. */
export interface TunnelPurpose {
  readonly target: ConnectTarget
  readonly call: CallContext
  readonly ledger: TrafficLedger
  readonly signal: AbortSignal
  /** Shared by all connections of a proxy. */
  readonly pace: Pace
}

/** What passed, and why it ended when an end did not just close. */
export interface TunnelEnd {
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly error?: BulkheadError
}

/** The port on which nothing but TLS is expected. */
const tlsPort = 443
/** Pieces in which a ClientHello may come. */
const mostPieces = 64

/** Runs it to its end; both sockets are gone then. Never rejects. */
export const runTunnel = async (ends: TunnelEnds, purpose: TunnelPurpose): Promise<TunnelEnd> => {
  const { client, upstream, head } = ends
  const { call, ledger, pace, signal, target } = purpose
  const bytes = { sent: 0, received: 0 }
  const end = (): void => {
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) {
    socket.on('error', end)
    socket.once('close', end)
  }
  // Each direction has an account of its own: one account does not serve two that count at once.
  await using sending = new Traffic(call, ledger, signal)
  await using receiving = new Traffic(call, ledger, signal)
  const outgoing = async (): Promise<void> => {
    for await (const chunk of inspected(withHead(client, head), target)) {
      await pace.take()
      await sending.send(chunk.length)
      bytes.sent += chunk.length
      await write(upstream, chunk)
    }
    upstream.end()
  }
  const incoming = async (): Promise<void> => {
    for await (const chunk of chunksOf(upstream)) {
      await pace.take()
      await receiving.receive(chunk.length)
      bytes.received += chunk.length
      await write(client, chunk)
    }
    client.end()
  }
  // It may have left while the other end was dialled.
  if (client.destroyed) end()
  let error: BulkheadError | undefined
  const failed = (thrown: unknown): void => {
    // A socket that broke, or that the call's end closed, is no fault to tell of.
    if (thrown instanceof BulkheadError) error ??= thrown
    end()
  }
  await Promise.all([outgoing().catch(failed), incoming().catch(failed)])
  end()
  if (signal.aborted) error ??= asBulkheadError(signal.reason, 'call.cancelled')
  return { sentBytes: bytes.sent, receivedBytes: bytes.received, ...(error === undefined ? {} : { error }) }
}

/** The end of one direction is not the end of the socket. */
const chunksOf = (socket: Socket): AsyncIterable<Uint8Array> =>
  socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>

async function* withHead(client: Socket, head: Uint8Array): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* chunksOf(client)
}

/** Waits while the other end does not read, so that nothing piles up here. */
const write = async (socket: Socket, chunk: Uint8Array): Promise<void> => {
  if (socket.write(chunk) || socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('drain', resolve).once('close', resolve)
  await promise
  socket.off('drain', resolve).off('close', resolve)
}

/** Holds the first bytes back until they say which server they are for. */
async function* inspected(chunks: AsyncIterable<Uint8Array>, target: ConnectTarget): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined = new Uint8Array(0)
  let pieces = 0
  for await (const chunk of chunks) {
    if (held === undefined) {
      yield chunk
      continue
    }
    held = Buffer.concat([held, chunk])
    const reading = readClientHello(held)
    if (reading.kind === 'more' && ++pieces <= mostPieces) continue
    checkHello(reading, target)
    yield held
    held = undefined
  }
  // Cut off before it said anything: there is nobody to send it to.
  if (held !== undefined && held.length > 0) throw notNamed(target, 'ended before it named a server')
}

/**
 * A name that was granted may share its address with others; an address that was granted stands for all that is there.
 * @throws BulkheadError `capability.denied`
 */
const checkHello = (reading: ReturnType<typeof readClientHello>, target: ConnectTarget): void => {
  const { host, port } = target
  if (reading.kind === 'not-tls') {
    if (port !== tlsPort) return
    throw notNamed(target, 'does not begin with TLS')
  }
  if (reading.kind !== 'hello') throw notNamed(target, 'begins with TLS that cannot be read')
  const isAddress = /^\[|^[0-9.]+$/.test(host)
  if (isAddress || reading.name === host) return
  throw notNamed(target, reading.name === undefined ? 'names no server in its TLS' : 'names another server in its TLS')
}

const notNamed = ({ host, port }: ConnectTarget, what: string): BulkheadError =>
  new BulkheadError('capability.denied', `the connection to ${host}:${port} ${what}`, {
    hint: 'A connection speaks with the host that was granted: its TLS has to name it (SNI).',
  })
