// One gRPC connection to one plugin: it trusts one certificate, holds to its bounds, shares nothing with other plugins and
// heeds no settings of the environment. Calls end in typed errors; what they mean to a plugin is for others to say.

import { createSecureContext, type PeerCertificate } from 'node:tls'
import { type ChannelOptions, Client, credentials } from '@grpc/grpc-js'
import { BulkheadError } from '@bulkhead/kernel'
import type { PluginAddress } from './address.ts'
import { callOnce, type CallOptions, type ConnectionBounds, streamAnswers } from './call.ts'
import { type Identity, pemOfCertificate } from './certificate.ts'
import type { Method } from './definitions.ts'
import { type PinnedSocket, pinSocket } from './pinned-socket.ts'
import './join-pieces.ts'
import { PushlessCredentials } from './refuse-push.ts'

/** Both sides of mutual TLS. */
export interface Trust {
  readonly identity: Identity
  /** The one certificate of the plugin that is taken, DER. */
  readonly certificate: Buffer
}

/** An open connection. Disposing cuts it; calls under way end with `plugin.crashed`. */
export interface Connection extends Disposable {
  /**
   * Makes a call with one answer.
   *
   * @throws BulkheadError `plugin.crashed` when the plugin is gone, `plugin.failed` for a failure of its own,
   * `limit.output` for an answer that is too large, `protocol.violation` for one that is none
   */
  call(method: Method, request: object, options?: CallOptions): Promise<object>
  /**
   * Makes a call with many answers; it begins when the first is asked for, is held back while none is, and is cancelled
   * when the loop is left. Bounds hold for each answer.
   *
   * @throws BulkheadError as {@link Connection.call}
   */
  stream(method: Method, request: object, options?: CallOptions): AsyncGenerator<object, void, undefined>
  readonly client: Client
}

/** The name that go-plugin's certificates bear. */
export const peerName = 'localhost'

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
 * @throws BulkheadError `protocol.handshake` when there is no socket at the address
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
    new PushlessCredentials(trust === undefined ? credentials.createInsecure() : pinnedCredentials(trust)),
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
    stream: async function* (method, request, options = {}) {
      assertOpen(method.path)
      yield* streamAnswers(client, { bounds, running, method, request, ...options })
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
