// The native functions that the prelude gets, and what they keep. Guest code that tampers with the prelude may call
// them with anything: each reads its arguments by type, bounds what the cell holds for the guest, and never throws
// anything of the host's into it.

import type { GuestCall } from '@bulkhead/cell'
import type { HostReply, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { GuestTimers } from '../calls/guest-timers.ts'
import { type Log, LogLines, maxLogLength } from '../calls/log-lines.ts'
import { OpenCalls } from '../calls/open-calls.ts'
import type { Outcome } from '../calls/output.ts'
import { Wake } from '../calls/wake.ts'
import { compute, maxComputeBytes, maxComputeLength } from './compute.ts'
import { draw } from './draws.ts'
import type { Interpreter, NativeTarget } from './interpreter.ts'
import { Mail } from './mail.ts'
import { NativeArguments } from './native-arguments.ts'
import { nativeFunctions } from './native-functions.ts'

/** What a bridge is made with. */
export interface BridgeOptions {
  readonly limits: Limits
  /** JSON. */
  readonly config: string
}

/** What a byte string costs beside its bytes. */
const bufferCost = 256
const maxFailureLength = 128 * 1024

/** See the file's head. */
export class Bridge implements NativeTarget {
  readonly #interpreter: Interpreter
  readonly #options: BridgeOptions
  readonly #timers: GuestTimers
  readonly mail: Mail
  readonly #calls: OpenCalls
  readonly #lines = new LogLines()
  readonly #wake = new Wake()
  #call: GuestCall | undefined
  #startedMs = 0
  /** How the running call ended, if it has. */
  outcome: Outcome | undefined
  /**
   * Whether the guest got anything that another copy would not have got, or set something going: its state then is no
   * first state for others.
   */
  isMarked = false

  constructor(interpreter: Interpreter, options: BridgeOptions) {
    this.#interpreter = interpreter
    this.#options = options
    this.mail = new Mail(interpreter)
    this.#timers = new GuestTimers(
      (ms, run) => interpreter.engine.after(ms, run),
      (id, taken) => this.#arrive(id, undefined, taken),
    )
    this.#calls = new OpenCalls({
      limits: options.limits,
      arrive: (id, reply, taken) => this.#arrive(id, reply, taken),
    })
    interpreter.target = this
  }

  /** Whether nothing is on its way to the guest. */
  get isIdle(): boolean {
    return this.#calls.waiting === 0 && this.#timers.size === 0 && this.mail.isEmpty
  }

  /** Whether the guest waits for host functions, and not for timers of its own. */
  get waitsForHost(): boolean {
    return this.#calls.waiting > 0 && this.#timers.size === 0
  }

  /** The module is being evaluated: the copy's own clock starts, and lines go there. */
  start(log: Log): void {
    this.#startedMs = Date.now()
    this.#lines.start(log)
  }

  /** Starts a call. */
  begin(call: GuestCall): void {
    this.#call = call
    this.#calls.begin(call)
    this.#lines.begin()
    this.#wake.begin(call)
    this.outcome = undefined
    if (this.#startedMs === 0) this.#startedMs = Date.now()
  }

  /** Ends the call: its timers stop, and answers that are still on their way are dropped. */
  end(): void {
    this.#wake.end()
    this.#call = undefined
    this.#calls.end()
    this.mail.clear()
    this.#timers.stopAll()
  }

  /** Forgets whatever it kept, with the guest's own state. */
  forget(): void {
    this.end()
    this.outcome = undefined
    this.isMarked = false
    this.#calls.forget()
    this.#lines.forget()
    this.#startedMs = 0
  }

  /** Resolves when something is there to deliver, or the call was aborted. */
  arrival(): Promise<void> {
    return this.mail.isEmpty ? this.#wake.next() : Promise.resolve()
  }

  call(id: number, at: number, count: number): number {
    try {
      return this.#native(id, new NativeArguments(this.#interpreter, at, count))
    } catch (thrown) {
      // Ours (a full memory) or the engine's own: either way the guest must not go on as if it had worked.
      const { engine } = this.#interpreter
      return this.#end(engine.classify(thrown))
    }
  }

  #native(id: number, args: NativeArguments): number {
    switch (nativeFunctions[id - 1]) {
      case 'take':
        return this.#value(this.mail.take())
      case 'next':
        this.mail.next()
        return 0
      case 'finish':
        return this.#finish(args)
      case 'send':
        return this.#send(args)
      case 'log':
        return this.#log(args.text(0, 10), args.text(1, maxLogLength))
      case 'startTimer':
        this.isMarked = true
        this.#timers.start(args.integer(0), args.integer(1))
        return 0
      case 'stopTimer':
        this.#timers.stop(args.integer(0))
        return 0
      case 'compute':
        return this.#compute(args)
      case 'draw':
        this.isMarked = true
        return this.#value(
          draw(args.text(0, 10), args.integer(1), { config: this.#options.config, startedMs: this.#startedMs }),
        )
      default:
        return 0
    }
  }

  #end(error: BulkheadError): number {
    this.#interpreter.engine.end(this.#interpreter.task, error)
    return 0
  }

  #arrive(id: number, reply?: HostReply, taken?: () => void): void {
    this.mail.arrive(id, reply, taken)
    this.#wake.notify()
  }

  #send(args: NativeArguments): number {
    // Before a call, what comes of it is a refusal that another copy need not get.
    this.isMarked ||= this.#call === undefined
    const error = this.#calls.send({
      id: args.integer(0),
      name: args.text(1, 200),
      size: args.textLength(2) + args.buffersLength(3, bufferCost),
      read: () => {
        const blobs = args.buffers(3)
        const json = args.wholeText(2)
        return blobs.length === 0 ? { json } : { json, blobs }
      },
    })
    return error === undefined ? 0 : this.#end(error)
  }

  #log(level: string, message: string): number {
    this.#lines.write(this.#call, level, message)
    return 0
  }

  #finish(args: NativeArguments): number {
    if (this.#call === undefined || this.outcome !== undefined) return 0
    const ok = args.isTrue(0)
    const most = this.#options.limits.outputBytes
    const size = args.textLength(1) + args.buffersLength(2)
    if (size > (ok ? most : maxFailureLength)) {
      return this.#end(
        ok
          ? new BulkheadError('limit.output', `the output is ${size} bytes; at most ${most} are taken`)
          : new BulkheadError('plugin.failed', 'the plugin failed with an error too large to show'),
      )
    }
    const json = args.wholeText(1)
    this.outcome = ok ? { ok, json, blobs: args.buffers(2) } : { ok, json }
    return 0
  }

  #compute(args: NativeArguments): number {
    const hasBuffer = args.isObject(2)
    if (args.textLength(1) > maxComputeLength || (hasBuffer && args.buffersLength(2) > maxComputeBytes)) return 0
    const [bytes = new Uint8Array()] = hasBuffer ? args.buffers(2) : []
    return this.#value(compute(args.text(0, 40), args.wholeText(1), bytes))
  }

  /** A new value of the guest's; 0 stands for undefined. */
  #value(given: string | Uint8Array | undefined): number {
    if (given === undefined) return 0
    return typeof given === 'string' ? this.#interpreter.newText(given) : this.#interpreter.newBuffer(given)
  }
}
