// One gRPC connection to one plugin: it trusts one certificate, holds to its bounds, shares nothing with other plugins and
// heeds no settings of the environment. Calls end in typed errors; what they mean to a plugin is for others to say.

import { createSecureContext, type PeerCertificate } from 'node:tls'
import { type ChannelOptions, Client, type ClientReadableStream, credentials, Metadata } from '@grpc/grpc-js'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { PluginAddress } from './address.ts'
import { callError, type StatusFacts } from './call-error.ts'
import { type Identity, pemOfCertificate } from './certificate.ts'
import { decode } from './decode.ts'
import type { Method } from './definitions.ts'
import { type PinnedSocket, pinSocket } from './pinned-socket.ts'

/** Both sides of mutual TLS. */
export interface Trust {
  readonly identity: Identity
  /** The one certificate of the plugin that is taken, DER. */
  readonly certificate: Buffer
}

/** Bounds of a connection. */
export interface ConnectionBounds {
  /** Largest message in either direction, bytes. */
  readonly maxMessageBytes: number
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call; the error is what it was aborted with, or `call.cancelled`. */
  readonly signal?: AbortSignal
  /** Largest answer of this call, bytes; the connection's bound when absent. */
  readonly maxResponseBytes?: number
  /** Most fields at the top of the answer, repeated ones counted each; 256 when absent. */
  readonly maxFields?: number
}

/** An open connection. Disposing cuts it; calls under way end with `plugin.crashed`. */
export interface Connection extends Disposable {
  /**
   * Makes a call with one answer.
   *
   * @throws BulkheadError `plugin.crashed` when the plugin is gone, `plugin.failed` for a failure of its own,
   * `limit.output` for an answer that is too large, `plugin.protocol` for one that is none
   */
  call(method: Method, request: object, options?: CallOptions): Promise<object>
  /** Makes a call with many answers. The stream's errors are raw; see {@link callError}. */
  stream(method: Method, request: object): ClientReadableStream<object>
  readonly client: Client
}

/** The name that go-plugin's certificates bear. */
export const peerName = 'localhost'

const defaultMaxFields = 256

/** Memory that node:http2 may hold for one connection beside our messages, megabytes. */
const sessionMemoryMegabytes = 32

/** Settings of every channel and server of this package. */
export const channelOptions = ({ maxMessageBytes }: ConnectionBounds): ChannelOptions => ({
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc-node.max_session_memory': sessionMemoryMegabytes,
  'grpc.ssl_target_name_override': peerName,
  'grpc.default_authority': peerName,
  // A call that may have had an effect is never made twice on its own.
  'grpc.enable_retries': 0,
  // Neither proxies nor service settings from anywhere: the address is the whole truth.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0,
})

const pinnedCredentials = ({ identity, certificate }: Trust) =>
  credentials.createFromSecureContext(
    createSecureContext({
      ca: pemOfCertificate(certificate),
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      minVersion: 'TLSv1.2',
    }),
    {
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 decides when it is not.
      rejectUnauthorized: true,
      // The pinned certificate may sign others, being its own authority; only itself is taken.
      checkServerIdentity: (_name: string, { raw }: PeerCertificate) =>
        certificate.equals(raw) ? undefined : new Error('the certificate is not the one of the handshake'),
    },
  )

/**
 * Opens a connection; it is made when the first call is. Without `trust` nothing is encrypted and nobody is known: that is
 * for debugging, on the operator's word.
 *
 * @throws BulkheadError `plugin.handshake` when there is no socket at the address
 */
export const openConnection = (
  address: PluginAddress,
  trust: Trust | undefined,
  bounds: ConnectionBounds,
): Connection => {
  const socket: PinnedSocket | undefined = address.network === 'unix' ? pinSocket(address.path) : undefined
  const target =
    address.network === 'tcp'
      ? `${address.host === '::1' ? 'ipv6:[::1]' : `ipv4:${address.host}`}:${address.port}`
      : `unix:${socket?.path}`
  const client = new Client(
    target,
    trust === undefined ? credentials.createInsecure() : pinnedCredentials(trust),
    channelOptions(bounds),
  )
  const running = new Set<() => void>()
  let open = true
  const assertOpen = (path: string): void => {
    if (!open) throw new BulkheadError('plugin.crashed', `the plugin was gone before ${path}`)
  }
  return {
    client,
    call: async (method, request, options = {}) => {
      assertOpen(method.path)
      return callOnce(client, { bounds, running, method, request, ...options })
    },
    stream: (method, request) => {
      assertOpen(method.path)
      const stream = client.makeServerStreamRequest(method.path, method.serialize, method.deserialize, request)
      const cancel = (): void => stream.cancel()
      running.add(cancel)
      stream.once('close', () => running.delete(cancel))
      return stream
    },
    [Symbol.dispose]: () => {
      open = false
      // A socket that outlives the plugin's process, in a child of it, must not keep a call waiting.
      for (const cancel of [...running]) cancel()
      client.close()
      socket?.[Symbol.dispose]()
    },
  }
}

interface OneCall extends CallOptions {
  readonly bounds: ConnectionBounds
  readonly running: Set<() => void>
  readonly method: Method
  readonly request: object
}

const asIs = (bytes: Buffer): Buffer => bytes

const callOnce = async (client: Client, call: OneCall): Promise<object> => {
  const { bounds, running, method, signal, maxFields = defaultMaxFields } = call
  const maxResponseBytes = Math.min(call.maxResponseBytes ?? bounds.maxMessageBytes, bounds.maxMessageBytes)
  if (signal?.aborted === true) throw asBulkheadError(signal.reason, 'call.cancelled')
  const request = method.serialize(call.request)
  if (request.length > bounds.maxMessageBytes)
    throw new BulkheadError(
      'input.too-large',
      `the message for ${method.path} has ${request.length} bytes; at most ${bounds.maxMessageBytes} are sent`,
    )
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  let ended: BulkheadError | undefined
  // The answer comes out as bytes: an error thrown inside gRPC would lose its type.
  const made = client.makeUnaryRequest(
    method.path,
    asIs,
    asIs,
    request,
    new Metadata(),
    (error: (StatusFacts & Error) | null, bytes?: Buffer) => {
      if (ended !== undefined) reject(ended)
      else if (error !== null) reject(callError(error, method.path, bounds.maxMessageBytes))
      else if (bytes === undefined) reject(new BulkheadError('plugin.protocol', `${method.path} had no answer`))
      else resolve(bytes)
    },
  )
  const cancel = (reason: BulkheadError): void => {
    ended ??= reason
    made.cancel()
  }
  const abort = (): void => cancel(asBulkheadError(signal?.reason, 'call.cancelled'))
  const cut = (): void => cancel(new BulkheadError('plugin.crashed', `the plugin was gone during ${method.path}`))
  running.add(cut)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return decode(method, await promise, { maxResponseBytes, maxFields })
  } finally {
    running.delete(cut)
    signal?.removeEventListener('abort', abort)
  }
}
