// The calls of one end of the wire, as its users and the peer see them: made, arrived, and under way.

import type { BulkheadError, JsonObject } from '@bulkhead/kernel/wire'
import type { Content } from './streams.ts'

/** The answer to a call. */
export interface Answer {
  readonly head: JsonObject
  readonly content: Content
}

/** An answer that this end gives. */
export interface GivenAnswer extends Answer {
  /** Called once, when the other end took the answer or gave it up; a small answer counts as taken when it is sent. */
  readonly taken?: () => void
  /** Whether nobody else holds its byte strings. */
  readonly owned?: boolean
}

/** A refusal that this end gives, with a head as an answer has one. */
export interface GivenError {
  readonly head: JsonObject
  readonly error: BulkheadError
}

/** A call that arrived. */
export interface IncomingCall extends Answer {
  readonly id: number
  /** Whether the caller cancelled it. */
  readonly isCancelled: boolean
  /** Calls back once, when the caller cancels. */
  onCancel(run: () => void): void
}

/** A call that was made. */
export interface OutgoingCall {
  readonly id: number
  /** Rejects with a BulkheadError. */
  readonly answer: Promise<Answer>
  /** The head that came with an error, once {@link answer} has rejected. */
  readonly errorHead: JsonObject | undefined
  /** Asks the other end to stop; the answer then still comes (most likely an error), unless {@link forget} is called. */
  cancel(): void
  /** Drops the call: whatever still arrives for it is ignored. The answer never settles. */
  forget(): void
}
/** A call that was made, on its way. */
export class Pending implements OutgoingCall {
  readonly id: number
  readonly answer: Promise<Answer>
  outbound: readonly number[] = []
  inbound: readonly number[] = []
  /** Whether a reply arrived, which may not be whole yet. */
  replied = false
  errorHead: JsonObject | undefined
  resolve!: (answer: Answer) => void
  reject!: (error: BulkheadError) => void
  readonly #peer: { cancel(id: number): void; forget(id: number): void }

  constructor(id: number, peer: { cancel(id: number): void; forget(id: number): void }) {
    this.id = id
    this.#peer = peer
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  cancel(): void {
    this.#peer.cancel(this.id)
  }

  forget(): void {
    this.#peer.forget(this.id)
  }
}

/** A call that arrived, on its way. */
export class Serving implements IncomingCall {
  readonly id: number
  readonly head: JsonObject
  content: Content = emptyContent
  inbound: readonly number[] = []
  outbound: readonly number[] = []
  /** Set while a reply waits to be taken. */
  sent = false
  taken: (() => void) | undefined
  isCancelled = false
  #cancelled: (() => void) | undefined

  constructor(id: number, head: JsonObject) {
    this.id = id
    this.head = head
  }

  onCancel(run: () => void): void {
    if (this.isCancelled) run()
    else this.#cancelled = run
  }

  cancel(): void {
    if (this.isCancelled) return
    this.isCancelled = true
    this.#cancelled?.()
  }
}

/** Nothing. */
export const emptyContent: Content = { kind: 'value', payload: { json: 'null' } }
