// Serves one gRPC service to one plugin, on a socket of its own: only the certificate of the handshake gets in, and
// connections, calls and messages are counted. What the service does is given.

import { unlinkSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { pemOfCertificate } from './certificate.ts'
import type { ConnectionBounds } from './call.ts'
import { channelOptions, type Trust } from './connection.ts'
import { serviceDefinition } from './definitions.ts'
import './join-pieces.ts'
import { makeThrottle, type Throttle } from './throttle.ts'

type ServedMethod = (request: object, signal: AbortSignal) => Promise<object>

/** The methods of a service that is served, by name; each takes one message and answers with one. */
export type ServedMethods = Readonly<Record<string, ServedMethod>>

/** What to serve, and where. */
export interface ServedServiceOptions {
  /** Path of the socket to be made. */
  readonly path: string
  /** Full name of the service in the published files. */
  readonly service: string
  readonly methods: ServedMethods
  /** Who may come in; anybody who reaches the socket when absent, for debugging. */
  readonly trust: Trust | undefined
  readonly bounds: ConnectionBounds
}

/** A service that listens. Disposing closes its connections and removes its socket. */
export type OpenedService = AsyncDisposable

/** A plugin needs one; a second may replace one that broke. */
const maxConnections = 2
/** Each may hold one message of the largest size while it arrives. */
const maxCallsPerConnection = 8
/** Calls that are taken within one second; what comes faster waits. */
const maxCallsPerSecond = 20_000

/** Opens the service. @throws BulkheadError `host.internal` when the socket cannot be made */
export const openService = async (options: ServedServiceOptions): Promise<OpenedService> => {
  const { path, service, methods, trust, bounds } = options
  const server = new Server({ ...channelOptions(bounds), 'grpc.max_concurrent_streams': maxCallsPerConnection })
  const throttle = makeThrottle(maxCallsPerSecond)
  const handlers = Object.entries(methods).map(([name, run]) => [name, handler(run, throttle)] as const)
  server.addService(serviceDefinition(service), Object.fromEntries(handlers))
  const injector = server.createConnectionInjector(credentialsFor(trust))
  // The listener is ours and not gRPC's, because only so connections can be counted.
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    injector.injectConnection(socket)
  })
  listener.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (cause) => reject(new BulkheadError('host.internal', cause.message, { cause })))
    listener.listen(path, resolve)
  })
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      injector.destroy()
      server.forceShutdown()
      for (const socket of sockets) socket.destroy()
      await closed
      try {
        // Node removes it; a plugin may have put something else there meanwhile.
        unlinkSync(path)
      } catch {
        // It is gone, as it should be.
      }
    },
  }
}

const credentialsFor = (trust: Trust | undefined): ServerCredentials => {
  if (trust === undefined) return ServerCredentials.createInsecure()
  const { certificatePem, privateKeyPem } = trust.identity
  return ServerCredentials.createSsl(
    Buffer.from(pemOfCertificate(trust.certificate)),
    [{ private_key: Buffer.from(privateKeyPem), cert_chain: Buffer.from(certificatePem) }],
    true,
  )
}

/** Runs it at once, or when the throttle allows. */
const held = async (throttle: Throttle, run: () => Promise<object>): Promise<object> => {
  const waitMs = throttle.take(1)
  if (waitMs > 0) await pause(waitMs, undefined, { ref: false })
  return await run()
}

const handler =
  (run: ServedMethod, throttle: Throttle) =>
  (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>): void => {
    const cancelled = new AbortController()
    call.once('cancelled', () => cancelled.abort(new BulkheadError('call.cancelled', 'the plugin cancelled its call')))
    void held(throttle, () => run(call.request, cancelled.signal)).then(
      (message) => answer(null, message),
      (error: unknown) => {
        const { code, message } = asBulkheadError(error)
        answer({ code: status.UNKNOWN, details: code === 'host.internal' ? 'the host failed' : message })
      },
    )
  }
