// A plugin must not open HTTP/2 streams of its own towards the host (server push, RFC 9113 section 8.4). gRPC uses none, but
// node:http2 takes them unless it is told otherwise, which grpc-js gives no way to do: pushed bodies pile up in memory, and
// the failure of a pushed stream, which nobody listens to, would end the host's process. A session that pushes is ended.

import { subscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream } from 'node:http2'
import { ChannelCredentials } from '@grpc/grpc-js'

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>
type ConnectorArguments = Parameters<ChannelCredentials['_createSecureConnector']>

/** Stands on the sockets of our connections; the sessions of the embedding program are none of our business. */
const ours = Symbol('a connection to a plugin')

const isOurs = (socket: object | undefined): boolean => socket !== undefined && Reflect.get(socket, ours) === true

let told = false

/** Whether this Node tells of streams at all; known once a call was made. Node before 24.2 does not. */
export const isToldOfStreams = (): boolean => told

// Published in the very turn in which a stream is made, so it has a listener before it can fail.
subscribe('http2.client.stream.created', (message) => {
  const { stream } = message as { readonly stream: ClientHttp2Stream }
  if (!isOurs(stream.session?.socket)) return
  told = true
  // Streams that a server opens have even numbers (RFC 9113 section 5.1.1); one of ours has none yet.
  if (stream.id === undefined || stream.id % 2 === 1) return
  stream.on('error', () => {})
  stream.session?.destroy(new Error('the plugin pushed a stream that nobody asked for'))
})

/** Credentials as they are given, for connections on which the other side may push nothing. */
export class PushlessCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials

  constructor(inner: ChannelCredentials) {
    super()
    this.#inner = inner
  }

  override compose(): ChannelCredentials {
    throw new Error('a connection to a plugin carries no credentials of calls')
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure()
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other
  }

  override _createSecureConnector(...[target, options, call]: ConnectorArguments): SecureConnector {
    const connector = this.#inner._createSecureConnector(target, options, call)
    return {
      connect: async (socket) => {
        const connected = await connector.connect(socket)
        Reflect.set(connected.socket, ours, true)
        return connected
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    }
  }
}
