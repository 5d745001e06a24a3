// The host calls of one guest that have no answer yet, bounded in number and in bytes: both lie outside of the guest's own
// memory. It carries them; whether one may be made is the gate's to say.

import type { GuestCall } from '@bulkhead/cell'
import type { HostReply, Limits, Payload } from '@bulkhead/kernel'
import { BulkheadError, defaultJsonCaps } from '@bulkhead/kernel/wire'

/** Bytes of host calls that wait for their answers. */
const maxWaitingBytes = 32 * 1024 * 1024
/** Host calls at once: their answers lie outside the guest's own memory until it takes them. */
const mostUnderWay = 16
/** Refusals beyond the limit of host calls, for what a guest piles up before it hears of any. */
const spareCalls = 1000

/** What the guest asks. */
export interface AskedCall {
  readonly id: number
  readonly name: string
  /** Bytes, or what stands for them, known before anything is copied. */
  readonly size: number
  /** Copies the input out of the guest. */
  readonly read: () => Payload
}

/** Who hears of the answers. */
export interface CallsOwner {
  readonly limits: Pick<Limits, 'hostCalls'>
  /** An answer came; `taken` is to be called when the guest takes it. */
  arrive(id: number, reply: HostReply, taken?: () => void): void
}

/** See the file's head. */
export class OpenCalls {
  readonly #owner: CallsOwner
  #call: GuestCall | undefined
  #waiting = 0
  #waitingBytes = 0
  /** Host calls whose answer the guest has not taken yet; it may never take one. */
  #underWay = 0
  /** Host calls that wait for others to be taken. */
  #line: (() => void)[] = []
  #sent = 0

  constructor(owner: CallsOwner) {
    this.#owner = owner
  }

  /** How many have no answer. */
  get waiting(): number {
    return this.#waiting
  }

  begin(call: GuestCall): void {
    this.#call = call
    this.#sent = 0
  }

  /** The call is over: answers that are still on their way are dropped. */
  end(): void {
    this.#call = undefined
    this.#waiting = 0
    this.#waitingBytes = 0
    this.#underWay = 0
    this.#line = []
  }

  /** Forgets how many were made, with the guest's own state. */
  forget(): void {
    this.end()
    this.#sent = 0
  }

  /** Makes a host call, or refuses it; the error is one that must end the guest. */
  send({ id, name, size, read }: AskedCall): BulkheadError | undefined {
    const call = this.#call
    const { limits } = this.#owner
    // The host counts as well; this bounds what a guest piles up before any answer, refusals at its start too.
    if (++this.#sent > limits.hostCalls + spareCalls) {
      return new BulkheadError('limit.host-calls', `more than ${limits.hostCalls} host calls in one call`)
    }
    if (call === undefined) return this.#refuse(id, outsideOfCall(name))
    const excess = this.#excess(name, size)
    if (excess !== undefined) return this.#refuse(id, excess)
    const payload = read()
    this.#waiting++
    this.#waitingBytes += size
    const ask = (): void => {
      this.#underWay++
      void call.dispatch(name, payload).then((reply) => {
        if (this.#call !== call) return
        this.#waiting--
        this.#waitingBytes -= size
        this.#owner.arrive(id, reply, this.#taken)
      })
    }
    if (this.#underWay < mostUnderWay) ask()
    else this.#line.push(ask)
    return undefined
  }

  #refuse(id: number, error: BulkheadError): undefined {
    this.#owner.arrive(id, { ok: false, error: error.toJSON() })
  }

  #excess(name: string, size: number): BulkheadError | undefined {
    if (size > defaultJsonCaps.maxLength) {
      return new BulkheadError('input.too-large', `the input of ${name} is ${size} bytes`)
    }
    const bytes = this.#waitingBytes + size
    return bytes > maxWaitingBytes
      ? new BulkheadError('limit.memory', `${bytes} bytes of host calls wait for answers`)
      : undefined
  }

  readonly #taken = (): void => {
    this.#underWay--
    this.#line.shift()?.()
  }
}

const outsideOfCall = (name: string): BulkheadError =>
  new BulkheadError('usage.invalid', `${name} was called outside of a call`, {
    hint: 'Make host calls in an action, not at the top level of a module.',
  })
