// One end of the wire: makes calls, answers calls, and ties streams and cancellation to them. Knows nothing of guests.

import type { LogLevel } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, errorFromWire, type JsonObject } from '@bulkhead/kernel/wire'
import type { Channel } from './channel.ts'
import { type Content, Streams } from './streams.ts'
import { contentLength, type Message, parseMessage, unacknowledgedBytes, type WireContent } from './wire.ts'

/** The answer to a call. */
export interface Answer {
  readonly head: JsonObject
  readonly content: Content
}

/** An answer that this end gives. */
export interface GivenAnswer extends Answer {
  /** Called once, when the other end took the answer or gave it up; a small answer counts as taken when it is sent. */
  readonly taken?: () => void
}

/** A call that arrived. */
export interface IncomingCall extends Answer {
  readonly id: number
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal
}

/** A call that was made. */
export interface OutgoingCall {
  readonly id: number
  /** Rejects with a BulkheadError. */
  readonly answer: Promise<Answer>
  /** Asks the other end to stop; the answer then still comes (most likely an error), unless {@link forget} is called. */
  cancel(): void
  /** Drops the call: whatever still arrives for it is ignored. The answer never settles. */
  forget(): void
}

/** What an end does with what arrives. */
export interface PeerHandlers {
  call(call: IncomingCall): Promise<GivenAnswer>
  log(id: number, level: LogLevel, message: string): void
  /** A message that breaks the format; the other end is not to be trusted any more. */
  malformed(error: BulkheadError): void
  /** Most bytes of one arriving content. */
  readonly maxContentBytes: number
}

interface Pending {
  readonly outbound: readonly number[]
  inbound: readonly number[]
  /** Whether a reply arrived, which may not be whole yet. */
  replied: boolean
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: BulkheadError) => void
}

interface Serving {
  readonly abort: AbortController
  inbound: readonly number[]
  outbound: readonly number[]
  /** Set while a reply waits to be taken. */
  sent: boolean
  taken: (() => void) | undefined
}

const emptyContent: Content = { kind: 'value', payload: { json: 'null' } }

/** See the file's head. */
export class Peer {
  readonly #channel: Channel
  readonly #handlers: PeerHandlers
  readonly #streams: Streams
  readonly #pending = new Map<number, Pending>()
  readonly #serving = new Map<number, Serving>()
  #nextId = 1

  constructor(channel: Channel, handlers: PeerHandlers) {
    this.#channel = channel
    this.#handlers = handlers
    this.#streams = new Streams((message) => channel.send(message))
    channel.onMessage((message) => this.#receive(message))
  }

  /** Makes a call. */
  call(head: JsonObject, content: Content = emptyContent): OutgoingCall {
    const id = this.#nextId++
    const { wire, streams } = this.#streams.announce(content)
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#pending.set(id, { outbound: streams, inbound: [], replied: false, resolve, reject })
    })
    this.#send({ type: 'call', id, head, content: wire })
    return {
      id,
      answer,
      cancel: () => {
        if (this.#pending.has(id)) this.#send({ type: 'cancel', id })
      },
      forget: () => this.#settle(id),
    }
  }

  /** Sends a log line that belongs to the call `id` of the other end (0: to none). */
  log(id: number, level: LogLevel, message: string): void {
    this.#send({ type: 'log', id, level, message })
  }

  /** Streams and calls that are open; 0 when nothing leaked. */
  get open(): number {
    return this.#streams.open + this.#pending.size + this.#serving.size
  }

  #send(message: Message): void {
    this.#channel.send(message)
  }

  #receive(raw: unknown): void {
    try {
      this.#take(parseMessage(raw))
    } catch (thrown) {
      this.#handlers.malformed(asBulkheadError(thrown))
    }
  }

  #take(message: Message): void {
    switch (message.type) {
      case 'call':
        if (this.#serving.has(message.id)) {
          throw new BulkheadError('host.internal', `call ${message.id} arrived twice`)
        }
        void this.#serve(message)
        return
      case 'reply':
        if (this.#pending.get(message.id)?.replied === true) {
          throw new BulkheadError('host.internal', `call ${message.id} was answered twice`)
        }
        void this.#answered(message)
        return
      case 'error':
        this.#settle(message.id)?.reject(errorFromWire(message.error))
        return
      case 'cancel':
        this.#cancelled(message.id)
        return
      case 'log':
        this.#handlers.log(message.id, message.level, message.message)
        return
      default:
        this.#streams.take(message)
    }
  }

  async #serve(message: Extract<Message, { type: 'call' }>): Promise<void> {
    const { id, head } = message
    const serving: Serving = {
      abort: new AbortController(),
      inbound: [],
      outbound: [],
      sent: false,
      taken: undefined,
    }
    this.#serving.set(id, serving)
    try {
      const { content, streams } = this.#streams.collect(message.content, this.#handlers.maxContentBytes)
      serving.inbound = streams
      const whole = content instanceof Promise ? await content : content
      const answer = await this.#handlers.call({ id, head, content: whole, signal: serving.abort.signal })
      serving.taken = answer.taken
      if (serving.abort.signal.aborted) throw cancelledError()
      const { wire, streams: outbound } = this.#streams.announce(answer.content)
      serving.outbound = outbound
      serving.sent = isAcknowledged(wire)
      this.#send({ type: 'reply', id, head: answer.head, content: wire })
    } catch (thrown) {
      this.#sendError(id, asBulkheadError(thrown))
    } finally {
      // A long reply stays cancellable until it was taken.
      if (!serving.sent) this.#close(id, serving)
    }
  }

  #close(id: number, serving: Serving): void {
    this.#serving.delete(id)
    serving.taken?.()
  }

  #sendError(id: number, error: BulkheadError): void {
    this.#send({ type: 'error', id, error: error.toJSON() })
  }

  async #answered(message: Extract<Message, { type: 'reply' }>): Promise<void> {
    const pending = this.#pending.get(message.id)
    if (pending === undefined) {
      // Nobody waits any more: let the other end drop its streams.
      this.#send({ type: 'cancel', id: message.id })
      return
    }
    pending.replied = true
    try {
      const { content, streams } = this.#streams.collect(message.content, this.#handlers.maxContentBytes)
      pending.inbound = streams
      const whole = content instanceof Promise ? await content : content
      this.#settle(message.id)?.resolve({ head: message.head, content: whole })
      if (isAcknowledged(message.content)) this.#send({ type: 'cancel', id: message.id })
    } catch (thrown) {
      this.#send({ type: 'cancel', id: message.id })
      this.#settle(message.id)?.reject(asBulkheadError(thrown))
    }
  }

  #cancelled(id: number): void {
    const serving = this.#serving.get(id)
    if (serving === undefined) return
    serving.abort.abort(cancelledError())
    this.#streams.dropInbound(serving.inbound, cancelledError())
    this.#streams.dropOutbound(serving.outbound)
    if (serving.sent) this.#close(id, serving)
  }

  /** Takes a pending call off the books, with the streams that it was sending or receiving. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (pending !== undefined) {
      this.#streams.dropOutbound(pending.outbound)
      this.#streams.dropInbound(pending.inbound, cancelledError())
    }
    return pending
  }
}

const isAcknowledged = (content: WireContent): boolean => contentLength(content) > unacknowledgedBytes

const cancelledError = (): BulkheadError => new BulkheadError('call.cancelled', 'the call was cancelled')
