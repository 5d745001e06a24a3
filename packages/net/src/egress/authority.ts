// The authority under which a proxy opens connections: that of one call, from its beginning to its end. What was opened under
// it ends with it.

import type { Socket } from 'node:net'
import {
  BulkheadError,
  type CallContext,
  type Dispatch,
  errorFromWire,
  lifetimeOf,
  type LogLevel,
  packPayload,
  type Perform,
  unpackPayload,
} from '@bulkhead/kernel'
import type { MakeConnect } from './connect-function.ts'
import type { PlainAnswer, PlainRequest } from './plain-request.ts'
import type { GivenTarget } from './target.ts'

/** The call on whose behalf connections are opened. */
export interface EgressCall {
  readonly context: CallContext
  readonly dispatch: Dispatch
  readonly perform?: Perform
  log(level: LogLevel, message: string): void
}

const callIsOver = (): BulkheadError => new BulkheadError('call.cancelled', 'the call is over')

/** See the file's head. Disposing ends it. */
export class Authority implements Disposable {
  readonly call: EgressCall
  readonly #makeConnect: MakeConnect
  readonly #over = new AbortController()
  readonly #sockets = new Set<Socket>()
  readonly #stop: () => void

  /** `onEnd` is told when the call is over, or this is disposed. */
  constructor(call: EgressCall, makeConnect: MakeConnect, onEnd: () => void) {
    this.call = call
    this.#makeConnect = makeConnect
    this.#over.signal.addEventListener('abort', onEnd, { once: true })
    this.#stop = lifetimeOf(call.context).onEnd((error) => this.#end(error))
  }

  /** Aborts when it ends. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** @throws BulkheadError whatever the door says; `call.cancelled` when it ended meanwhile */
  async connect(target: GivenTarget): Promise<Socket> {
    const { perform } = this.call
    if (perform === undefined) throw new BulkheadError('host.internal', 'nothing opens connections for this call')
    let opened: Socket | undefined
    let isSettled = false
    const connectFunction = this.#makeConnect((socket) => {
      socket.on('error', () => socket.destroy())
      // Nobody waits for it any more: the host call ran out of time.
      if (isSettled) socket.destroy()
      else opened = this.#keep(socket)
    })
    const reply = await perform(connectFunction, packPayload(target))
    isSettled = true
    if (reply.ok && opened !== undefined && !this.signal.aborted) return opened
    opened?.destroy()
    throw reply.ok ? callIsOver() : errorFromWire(reply.error)
  }

  /** @throws BulkheadError whatever the door or the request says */
  async request(request: PlainRequest): Promise<PlainAnswer> {
    const reply = await this.call.dispatch('http.request', packPayload(request))
    if (!reply.ok) throw errorFromWire(reply.error)
    return unpackPayload(reply.payload, 'the reply of http.request') as unknown as PlainAnswer
  }

  [Symbol.dispose](): void {
    this.#end(callIsOver())
  }

  #keep(socket: Socket): Socket {
    if (this.signal.aborted) return socket.destroy()
    this.#sockets.add(socket)
    return socket.once('close', () => this.#sockets.delete(socket))
  }

  #end(error: BulkheadError): void {
    if (this.signal.aborted) return
    this.#over.abort(error)
    for (const socket of this.#sockets) socket.destroy()
    this.#stop?.()
  }
}
