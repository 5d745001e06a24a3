// Our calls that a peer has not answered, by ids that it cannot know before it has read them. An answer counts once;
// one that comes after its call was abandoned is dropped, and one that answers nothing is counted against the peer.

import { randomUUID } from 'node:crypto'
import { BulkheadError } from '@bulkhead/kernel'
import type { JsonRpcBounds } from './bounds.ts'
import type { RpcId } from './message.ts'

/** One call of ours. `settle` is called exactly once, unless the call is abandoned first. */
export interface SentCall<Answer> {
  readonly what: string
  settle(answer: Answer): void
  fail(error: BulkheadError): void
}

/** See the file's head. */
export class SentCalls<Answer> {
  readonly #bounds: JsonRpcBounds
  readonly #open = new Map<RpcId, SentCall<Answer>>()
  /** In the order in which they were abandoned. */
  readonly #abandoned = new Set<RpcId>()
  #unsolicited = 0
  #late = 0

  constructor(bounds: JsonRpcBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#open.size
  }

  get unsolicited(): number {
    return this.#unsolicited
  }

  get late(): number {
    return this.#late
  }

  get abandoned(): number {
    return this.#abandoned.size
  }

  /** @throws BulkheadError `limit.concurrency` */
  add(call: SentCall<Answer>): string {
    if (this.#open.size >= this.#bounds.maxCallsOut) {
      throw new BulkheadError(
        'limit.concurrency',
        `${call.what} was not sent: ${this.#open.size} calls to the plugin are unanswered`,
      )
    }
    const id = randomUUID()
    this.#open.set(id, call)
    return id
  }

  /** Its answer, when one comes, is late. */
  abandon(id: string): void {
    if (!this.#open.delete(id)) return
    this.#abandoned.add(id)
    if (this.#abandoned.size <= this.#bounds.maxAbandoned) return
    for (const oldest of this.#abandoned) {
      this.#abandoned.delete(oldest)
      return
    }
  }

  /** Forgets a call that was never written. */
  withdraw(id: string): void {
    this.#open.delete(id)
  }

  /**
   * Takes the call that an answer belongs to; undefined when it is late or belongs to none.
   * @throws BulkheadError `protocol.violation` when there were too many that belong to none
   */
  take(id: RpcId | null): SentCall<Answer> | undefined {
    const call = id === null ? undefined : this.#open.get(id)
    if (id !== null && call !== undefined) {
      this.#open.delete(id)
      return call
    }
    if (id !== null && this.#abandoned.delete(id)) {
      this.#late++
      return undefined
    }
    this.#unsolicited++
    if (this.#unsolicited <= this.#bounds.maxUnsolicited) return undefined
    throw new BulkheadError(
      'protocol.violation',
      `the plugin sent ${this.#unsolicited} answers to calls that were not made or were answered before`,
    )
  }

  /** Fails all of them. */
  failAll(error: BulkheadError): void {
    const calls = [...this.#open.values()]
    this.#open.clear()
    this.#abandoned.clear()
    for (const call of calls) call.fail(error)
  }
}
