// One end of the wire: makes calls, answers calls, and ties streams and cancellation to them. Knows nothing of guests.

import type { Awaitable, LogLevel } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, errorFromWire, type JsonObject } from '@bulkhead/kernel/wire'
import type { Channel } from './channel.ts'
import {
  emptyContent,
  type GivenAnswer,
  type GivenError,
  type IncomingCall,
  type OutgoingCall,
  Pending,
  Serving,
} from './peer-calls.ts'
import { type Content, Streams } from './streams.ts'
import { contentLength, type Message, parseMessage, unacknowledgedBytes, type WireContent } from './wire.ts'

/**
 * Messages that nobody waits for, at most: so many, and so many more for each call that was made. An end that is sound sends
 * some, where a cancellation crosses what a call was sending; one that is not could keep the other busy with them for ever.
 */
const unaskedAtFirst = 20_000
const unaskedForCall = 1000
/** What is not sent is not saved up for ever. */
const mostUnasked = 200_000
/** What a content costs the host beside its bytes, about: for itself, and for each part of it. */
const contentCost = 512
const partCost = 256

/** What an end does with what arrives. */
export interface PeerHandlers {
  /**
   * Whether a call may be taken in, whose content makes this end hold so many bytes; asked before anything is held. Answers what to
   * run when it holds them no more. @throws BulkheadError which the other end is then answered with
   */
  admit?(call: IncomingCall, bytes: number): () => void
  /** @throws BulkheadError which the other end is then answered with, or rejects with it */
  call(call: IncomingCall): Awaitable<GivenAnswer | GivenError>
  log(id: number, level: LogLevel, message: string): void
  /** A message that breaks the format; the other end is not to be trusted any more. */
  malformed(error: BulkheadError): void
  /** Whether what arrives is from our own code on the trusted side. */
  readonly isTrusted: boolean
  /** Most bytes of one arriving content. */
  readonly maxContentBytes: number
}

/** See the file's head. */
export class Peer {
  readonly #channel: Channel
  readonly #handlers: PeerHandlers
  readonly #streams: Streams
  readonly #pending = new Map<number, Pending>()
  readonly #serving = new Map<number, Serving>()
  readonly #ends = {
    cancel: (id: number): void => {
      if (this.#pending.has(id)) this.#channel.send({ type: 'cancel', id })
    },
    forget: (id: number): void => void this.#settle(id),
  }
  #nextId = 1
  #unaskedLeft = unaskedAtFirst

  constructor(channel: Channel, handlers: PeerHandlers) {
    this.#channel = channel
    this.#handlers = handlers
    this.#streams = new Streams((message) => channel.send(message))
    channel.onMessage((message) => this.#receive(message))
  }

  /** Makes a call. */
  call(head: JsonObject, content: Content = emptyContent): OutgoingCall {
    const pending = new Pending(this.#nextId++, this.#ends)
    this.#unaskedLeft = Math.min(this.#unaskedLeft + unaskedForCall, mostUnasked)
    const { wire, streams } = this.#streams.announce(content)
    pending.outbound = streams
    this.#pending.set(pending.id, pending)
    this.#channel.send({ type: 'call', id: pending.id, head, content: wire })
    return pending
  }

  /** Sends a log line that belongs to the call `id` of the other end. */
  log(id: number, level: LogLevel, message: string): void {
    this.#channel.send({ type: 'log', id, level, message })
  }

  /** Streams and calls that are open; 0 when nothing leaked. */
  get open(): number {
    return this.#streams.open + this.#pending.size + this.#serving.size
  }

  /** Takes note of a message that nobody waits for, or that no sound end sends; an untrusted one may send so many. */
  noteUnasked(): void {
    if (!this.#handlers.isTrusted && --this.#unaskedLeft < 0)
      this.#handlers.malformed(new BulkheadError('host.internal', 'too many messages came that nobody waits for'))
  }

  /** Lets go of a call that arrived, with its answer and its streams, as if the other end had given it up. */
  drop(id: number): void {
    const serving = this.#serving.get(id)
    if (serving === undefined) return
    this.#giveUp(serving)
    this.#close(id, serving)
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
        this.#serve(message)
        return
      case 'reply':
        if (this.#pending.get(message.id)?.replied === true) {
          throw new BulkheadError('host.internal', `call ${message.id} was answered twice`)
        }
        this.#answered(message)
        return
      case 'error': {
        const pending = this.#settle(message.id)
        if (pending === undefined) {
          this.noteUnasked()
          return
        }
        pending.errorHead = message.head
        pending.reject(errorFromWire(message.error))
        return
      }
      case 'cancel':
        this.#cancelled(message.id)
        return
      case 'log':
        this.#handlers.log(message.id, message.level, message.message)
        return
      default:
        if (!this.#streams.take(message)) this.noteUnasked()
    }
  }

  /** Answers a call: at once where nothing of it has to be waited for. */
  #serve(message: Extract<Message, { type: 'call' }>): void {
    const { id } = message
    const serving = new Serving(id, message.head)
    this.#serving.set(id, serving)
    let release: (() => void) | undefined
    const done = (): void => {
      release?.()
      // A long reply stays cancellable until it was taken.
      if (!serving.sent) this.#close(id, serving)
    }
    const fail = (thrown: unknown): void => {
      this.#sendError(id, asBulkheadError(thrown))
      done()
    }
    const finish = (answer: GivenAnswer | GivenError): void => {
      try {
        this.#reply(serving, answer)
      } catch (thrown) {
        this.#sendError(id, asBulkheadError(thrown))
      }
      done()
    }
    const run = (content: Content): void => {
      serving.content = content
      let answer: Awaitable<GivenAnswer | GivenError>
      try {
        answer = this.#handlers.call(serving)
      } catch (thrown) {
        fail(thrown)
        return
      }
      if (answer instanceof Promise) void answer.then(finish, fail)
      else finish(answer)
    }
    let collected: Awaitable<Content>
    try {
      release = this.#handlers.admit?.(serving, costOf(message.content))
      const { content, streams } = this.#streams.collect(message.content, this.#handlers.maxContentBytes)
      serving.inbound = streams
      collected = content
    } catch (thrown) {
      fail(thrown)
      return
    }
    if (collected instanceof Promise) void collected.then(run, fail)
    else run(collected)
  }

  #reply(serving: Serving, answer: GivenAnswer | GivenError): void {
    const { id } = serving
    serving.content = emptyContent
    if ('error' in answer) {
      this.#sendError(id, answer.error, answer.head)
      return
    }
    serving.taken = answer.taken
    if (serving.isCancelled) throw cancelledError()
    const { wire, streams: outbound } = this.#streams.announce(answer.content)
    serving.outbound = outbound
    serving.sent = isAcknowledged(wire)
    this.#channel.send({ type: 'reply', id, head: answer.head, content: wire, owned: answer.owned === true })
  }

  #close(id: number, serving: Serving): void {
    // One that was dropped may have a successor of its name.
    if (this.#serving.get(id) === serving) this.#serving.delete(id)
    serving.taken?.()
  }

  #sendError(id: number, error: BulkheadError, head?: JsonObject): void {
    this.#channel.send({ type: 'error', id, error: error.toJSON(), ...(head === undefined ? {} : { head }) })
  }

  #answered(message: Extract<Message, { type: 'reply' }>): void {
    const pending = this.#pending.get(message.id)
    if (pending === undefined) {
      this.noteUnasked()
      // Nobody waits any more: let the other end drop its streams.
      this.#channel.send({ type: 'cancel', id: message.id })
      return
    }
    pending.replied = true
    const fail = (thrown: unknown): void => {
      this.#channel.send({ type: 'cancel', id: message.id })
      this.#settle(message.id)?.reject(asBulkheadError(thrown))
    }
    const take = (content: Content): void => {
      this.#settle(message.id)?.resolve({ head: message.head, content })
      if (isAcknowledged(message.content)) this.#channel.send({ type: 'cancel', id: message.id })
    }
    try {
      const { content, streams } = this.#streams.collect(message.content, this.#handlers.maxContentBytes)
      pending.inbound = streams
      if (content instanceof Promise) content.then(take, fail)
      else take(content)
    } catch (thrown) {
      fail(thrown)
    }
  }

  #cancelled(id: number): void {
    const serving = this.#serving.get(id)
    if (serving === undefined) {
      this.noteUnasked()
      return
    }
    this.#giveUp(serving)
    if (serving.sent) this.#close(id, serving)
  }

  #giveUp(serving: Serving): void {
    serving.cancel()
    this.#streams.dropInbound(serving.inbound, cancelledError())
    this.#streams.dropOutbound(serving.outbound)
  }

  /** Takes a pending call off the books, with the streams that it was sending or receiving. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    if (pending.outbound.length > 0) this.#streams.dropOutbound(pending.outbound)
    if (pending.inbound.length > 0) this.#streams.dropInbound(pending.inbound, cancelledError())
    return pending
  }
}

const costOf = (content: WireContent): number =>
  contentLength(content) + contentCost + (content.kind === 'raw' ? 0 : content.blobs.length * partCost)

const isAcknowledged = (content: WireContent): boolean => contentLength(content) > unacknowledgedBytes

const cancelledError = (): BulkheadError => new BulkheadError('call.cancelled', 'the call was cancelled')
