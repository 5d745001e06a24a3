// What an interpreter's imports do, and what the cell keeps for one copy of a plugin meanwhile: answers on their way, timers,
// how the call ended. Guest code may call them with anything: each bounds what it takes.

import { randomFillSync } from 'node:crypto'
import type { GuestCall } from '@bulkhead/cell'
import type { HostReply, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { GuestTimers } from '../calls/guest-timers.ts'
import { type Log, LogLines, maxLogLength } from '../calls/log-lines.ts'
import { OpenCalls } from '../calls/open-calls.ts'
import type { Outcome } from '../calls/output.ts'
import { Wake } from '../calls/wake.ts'
import type { ImportTarget } from './imports.ts'
import type { Interpreter } from './interpreter.ts'
import { packPayloadBytes, sizeOnceRead, unpackPayloadBytes } from './payload-bytes.ts'

/** What a bridge is made with. */
export interface BridgeOptions {
  readonly limits: Limits
  /** JSON. */
  readonly config: string
}

/** How an entered function ended: with what it gives, with a failure, or with nothing, for there is no such action. */
export type Ending = Outcome | { readonly ok: false; readonly json: undefined }

/** Kinds of arrivals, and of outcomes, as the ABI has them. */
const arrivals = { none: 0, reply: 1, refusal: 2, timer: 3, never: 4 } as const
const outcomes = { result: 0, failure: 1, unknown: 2 } as const

interface Arrival {
  readonly id: number
  /** Absent: a timer is due. */
  readonly reply: HostReply | undefined
  readonly taken: (() => void) | undefined
}

/** Bytes of entropy at once, as in the Web Crypto API. */
const maxRandomBytes = 65_536
const maxFailureLength = 128 * 1024
/** What a payload has beside its JSON: a count and a length. */
const headBytes = 8
const nothing = new Uint8Array()

/** See the file's head. */
export class Bridge implements ImportTarget {
  readonly #options: BridgeOptions
  readonly #timers: GuestTimers
  readonly #calls: OpenCalls
  readonly #lines = new LogLines()
  readonly #wake = new Wake()
  readonly #config: Uint8Array
  #interpreter: Interpreter | undefined
  #call: GuestCall | undefined
  #arrived: Arrival[] = []
  #ending: Ending | undefined
  /** Whether the guest got anything that another copy would not have got: its state is then no first state for others. */
  isMarked = false
  arrivalId = 0
  arrival: Uint8Array = nothing

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#config = Buffer.from(options.config)
    this.#timers = new GuestTimers(
      (ms, run) => this.#owner.engine.after(ms, run),
      (id, taken) => this.#arrive({ id, reply: undefined, taken }),
    )
    this.#calls = new OpenCalls({
      limits: options.limits,
      arrive: (id, reply, taken) => this.#arrive({ id, reply, taken }),
    })
  }

  /** The interpreter whose imports these are. */
  set interpreter(interpreter: Interpreter) {
    this.#interpreter = interpreter
  }

  /** Whether nothing is on its way to the guest. */
  get isIdle(): boolean {
    return this.#calls.waiting === 0 && this.#timers.size === 0 && this.#arrived.length === 0
  }

  /** The plugin is being loaded: lines go there. */
  start(log: Log): void {
    this.#lines.start(log)
  }

  begin(call: GuestCall): void {
    this.#call = call
    this.#calls.begin(call)
    this.#lines.begin()
    this.#wake.begin(call)
  }

  /** How the entered function ended, if it has; told once. */
  takeEnding(): Ending | undefined {
    const ending = this.#ending
    this.#ending = undefined
    return ending
  }

  /** Ends the call: its timers stop, and answers that are still on their way are dropped. */
  end(): void {
    this.#wake.end()
    this.#call = undefined
    this.#calls.end()
    this.#ending = undefined
    this.#arrived = []
    this.arrival = nothing
    this.#timers.stopAll()
  }

  /** Forgets whatever it kept, with the guest's own state. */
  forget(): void {
    this.end()
    this.isMarked = false
    this.#calls.forget()
    this.#lines.forget()
  }

  send(id: number, name: string, payload: Buffer): void {
    // Before a call, what comes of it is a refusal that another copy need not get.
    this.isMarked ||= this.#call === undefined
    const error = this.#calls.send({ id, name, size: sizeOnceRead(payload), read: () => withBlobs(payload) })
    if (error !== undefined) this.#end(error)
  }

  startTimer(id: number, ms: number): void {
    this.isMarked = true
    this.#timers.start(id, ms)
  }

  stopTimer(id: number): void {
    this.#timers.stop(id)
  }

  next(): number {
    const next = this.#arrived.shift()
    if (next === undefined) return arrivals.none
    const { id, reply } = next
    next.taken?.()
    this.arrivalId = id
    if (reply === undefined) {
      this.arrival = nothing
      return arrivals.timer
    }
    this.arrival = reply.ok ? packPayloadBytes(reply.payload) : Buffer.from(JSON.stringify(reply.error))
    return reply.ok ? arrivals.reply : arrivals.refusal
  }

  wait(): number | Promise<number> {
    if (this.#arrived.length > 0) return this.next()
    return this.isIdle ? arrivals.never : this.#waited()
  }

  finish(kind: number, bytes: Buffer): void {
    if (this.#ending !== undefined) return
    if (kind === outcomes.unknown) {
      this.#ending = { ok: false, json: undefined }
      return
    }
    const ok = kind === outcomes.result
    const most = this.#options.limits.outputBytes
    if (bytes.length > (ok ? most + headBytes : maxFailureLength)) {
      this.#end(
        ok
          ? new BulkheadError('limit.output', `the output is ${bytes.length} bytes; at most ${most} are taken`)
          : new BulkheadError('plugin.failed', 'the plugin failed with an error too large to show'),
      )
      return
    }
    if (ok) {
      const { json, blobs } = unpackPayloadBytes(bytes)
      this.#ending = { ok, json, blobs }
    } else this.#ending = { ok, json: bytes.toString() }
  }

  log(level: number, message: string): void {
    this.#lines.write(this.#call, level, message.slice(0, maxLogLength))
  }

  clock(): number {
    this.isMarked = true
    return Date.now()
  }

  random(into: Buffer): void {
    this.isMarked = true
    if (into.length > maxRandomBytes) {
      this.#end(new BulkheadError('plugin.failed', `more than ${maxRandomBytes} random bytes were asked for at once`))
    } else randomFillSync(into)
  }

  config(): Uint8Array {
    this.isMarked = true
    return this.#config
  }

  abort(message: string): void {
    this.#end(new BulkheadError('plugin.trap', message))
  }

  /** Waits: on the guest's own time where a timer of its own would wake it, else while that stands still. */
  async #waited(): Promise<number> {
    const { engine, task } = this.#owner
    const woken = this.#wake.next()
    await (this.#timers.size === 0 ? engine.waitFor(task, woken) : woken)
    if (this.#arrived.length > 0 && task.ended === undefined) return this.next()
    // The call is over, whatever the guest would make of an answer.
    if (task.ended === undefined) this.#end(new BulkheadError('call.cancelled', 'the call is over'))
    return arrivals.none
  }

  get #owner(): Interpreter {
    if (this.#interpreter === undefined) throw new TypeError('the bridge has no interpreter')
    return this.#interpreter
  }

  #end(error: BulkheadError): void {
    const { engine, task } = this.#owner
    engine.end(task, error)
  }

  #arrive(arrival: Arrival): void {
    this.#arrived.push(arrival)
    this.#wake.notify()
  }
}

const withBlobs = (payload: Buffer): { json: string; blobs?: readonly Uint8Array[] } => {
  const { json, blobs } = unpackPayloadBytes(payload)
  return blobs.length === 0 ? { json } : { json, blobs }
}
