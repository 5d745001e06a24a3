// What is on its way into one guest. The guest takes it: it is told of the next arrival in its mailbox (words that it
// reads), and takes the texts and byte strings that belong to it one by one, in their order.

import type { HostReply } from '@bulkhead/kernel'
import type { Interpreter } from './interpreter.ts'

/** Kinds of arrivals, as the mailbox says them; see guest/bridge.ts. */
const kinds = { none: 0, reply: 1, refusal: 2, timer: 3 } as const

interface Arrival {
  readonly id: number
  /** Absent: a timer is due. */
  readonly reply: HostReply | undefined
  /** Called when the guest takes it. */
  readonly taken: (() => void) | undefined
}

/** See the file's head. */
export class Mail {
  readonly #interpreter: Interpreter
  #arrived: Arrival[] = []
  #enclosed: readonly (string | Uint8Array)[] = []
  #taken = 0

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter
  }

  get isEmpty(): boolean {
    return this.#arrived.length === 0
  }

  /** An answer came, or without one: a timer is due. `taken` is called when the guest takes it. */
  arrive(id: number, reply?: HostReply, taken?: () => void): void {
    this.#arrived.push({ id, reply, taken })
  }

  /** Puts these where the guest takes them, and tells how many byte strings are among them. */
  enclose(enclosed: readonly (string | Uint8Array)[], blobs: number): void {
    this.#enclosed = enclosed
    this.#taken = 0
    this.#interpreter.memory.setWord(this.#interpreter.places.mailbox + 8, blobs)
  }

  /** The next arrival into the mailbox. */
  next(): void {
    const arrival = this.#arrived.shift()
    const { memory, places } = this.#interpreter
    memory.setWord(places.mailbox, kindOf(arrival))
    if (arrival === undefined) return
    arrival.taken?.()
    memory.setWord(places.mailbox + 4, arrival.id)
    const { reply } = arrival
    if (reply === undefined) return
    const { json, blobs = [] } = reply.ok ? reply.payload : { json: JSON.stringify(reply.error) }
    this.enclose([json, ...blobs], blobs.length)
  }

  /** The next text or byte string; undefined when all are taken. */
  take(): string | Uint8Array | undefined {
    return this.#enclosed[this.#taken++]
  }

  clear(): void {
    this.#arrived = []
    this.#enclosed = []
  }
}

const kindOf = (arrival: Arrival | undefined): number => {
  if (arrival === undefined) return kinds.none
  if (arrival.reply === undefined) return kinds.timer
  return arrival.reply.ok ? kinds.reply : kinds.refusal
}
