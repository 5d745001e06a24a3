// The native functions that the prelude gets, and what they keep. Guest code that tampers with the prelude may call
// them with anything: each reads its arguments by type, bounds what the cell holds for the guest, and never throws
// anything of the host's into it.

import type { GuestCall } from '@bulkhead/cell'
import type { HostReply, Limits, LogLevel } from '@bulkhead/kernel'
import { BulkheadError, defaultJsonCaps } from '@bulkhead/kernel/wire'
import { compute, maxComputeBytes, maxComputeLength } from './compute.ts'
import { draw } from './draws.ts'
import { GuestTimers } from './guest-timers.ts'
import type { Interpreter, NativeTarget } from './interpreter.ts'
import { Mail } from './mail.ts'
import { NativeArguments } from './native-arguments.ts'
import { nativeFunctions } from './native-functions.ts'

/** How the guest says that a call ended. */
export type Outcome =
  | { readonly ok: true; readonly json: string; readonly blobs: readonly Uint8Array[] }
  | { readonly ok: false; readonly json: string }

/** What a bridge is made with. */
export interface BridgeOptions {
  readonly limits: Limits
  /** JSON. */
  readonly config: string
}

/** Takes a line. */
export type Log = (level: LogLevel, message: string) => void

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error']
const maxLogLines = 10_000
const maxLogLength = 32_768
const tooManyLines = 'further log lines of this call are dropped'
/** Bytes of host calls that have no answer yet; they lie outside the guest's own memory. */
const maxWaitingBytes = 32 * 1024 * 1024
/** Host calls at once: their answers lie outside the guest's own memory until it takes them. */
const mostUnderWay = 16
/** What a byte string costs beside its bytes. */
const bufferCost = 256
const maxFailureLength = 128 * 1024
/** See the file's head. */
export class Bridge implements NativeTarget {
  readonly #interpreter: Interpreter
  readonly #options: BridgeOptions
  readonly #timers: GuestTimers
  readonly mail: Mail
  #call: GuestCall | undefined
  #isHeard = false
  #wake: (() => void) | undefined
  #waiting = 0
  #waitingBytes = 0
  /** Host calls whose answer the guest has not taken yet; it may never take one. */
  #underWay = 0
  /** Host calls that wait for others to be taken. */
  #line: (() => void)[] = []
  #sent = 0
  #logged = 0
  #startedMs = 0
  #loadLog: Log | undefined
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
      (id) => this.#arrive(id),
    )
    interpreter.target = this
  }

  /** Whether nothing is on its way to the guest. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#timers.size === 0 && this.mail.isEmpty
  }

  /** Whether the guest waits for host functions, and not for timers of its own. */
  get waitsForHost(): boolean {
    return this.#waiting > 0 && this.#timers.size === 0
  }

  /** The module is being evaluated: the copy's own clock starts, and lines go there. */
  start(log: Log): void {
    this.#startedMs = Date.now()
    this.#loadLog = log
  }

  /** Starts a call. */
  begin(call: GuestCall): void {
    this.#call = call
    this.#sent = 0
    this.#logged = 0
    this.outcome = undefined
    if (this.#startedMs === 0) this.#startedMs = Date.now()
  }

  /** Ends the call: its timers stop, and answers that are still on their way are dropped. */
  end(): void {
    if (this.#isHeard) this.#call?.signal.removeEventListener('abort', this.#notify)
    this.#isHeard = false
    this.#call = undefined
    this.#waiting = 0
    this.#waitingBytes = 0
    this.#underWay = 0
    this.#line = []
    this.mail.clear()
    this.#timers.stopAll()
  }

  /** Forgets whatever it kept, with the guest's own state. */
  forget(): void {
    this.end()
    this.outcome = undefined
    this.isMarked = false
    this.#sent = 0
    this.#logged = 0
    this.#startedMs = 0
    this.#loadLog = undefined
  }

  /** Resolves when something is there to deliver, or the call was aborted. */
  arrival(): Promise<void> {
    if (!this.mail.isEmpty) return Promise.resolve()
    const signal = this.#call?.signal
    if (signal?.aborted === true) return Promise.resolve()
    if (!this.#isHeard) signal?.addEventListener('abort', this.#notify, { once: true })
    this.#isHeard = true
    return new Promise((resolve) => {
      this.#wake = resolve
    })
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

  readonly #notify = (): void => {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #arrive(id: number, reply?: HostReply, taken?: () => void): void {
    this.mail.arrive(id, reply, taken)
    this.#notify()
  }

  #send(args: NativeArguments): number {
    const call = this.#call
    const id = args.integer(0)
    const name = args.text(1, 200)
    const refuse = (error: BulkheadError): number => {
      this.#arrive(id, { ok: false, error: error.toJSON() })
      return 0
    }
    // The host counts as well; this bounds what a guest piles up before any answer, refusals at its start too.
    if (++this.#sent > this.#options.limits.hostCalls + 1000) {
      return this.#end(
        new BulkheadError('limit.host-calls', `more than ${this.#options.limits.hostCalls} host calls in one call`),
      )
    }
    if (call === undefined) {
      this.isMarked = true
      return refuse(
        new BulkheadError('usage.invalid', `${name} was called outside of a call`, {
          hint: 'Make host calls in an action, not at the top level of a module.',
        }),
      )
    }
    const size = args.textLength(2) + args.buffersLength(3, bufferCost)
    if (size > defaultJsonCaps.maxLength) {
      return refuse(new BulkheadError('input.too-large', `the input of ${name} is ${size} bytes`))
    }
    if (this.#waitingBytes + size > maxWaitingBytes) {
      return refuse(
        new BulkheadError('limit.memory', `${this.#waitingBytes + size} bytes of host calls wait for answers`),
      )
    }
    const blobs = args.buffers(3)
    const json = args.wholeText(2)
    this.#waiting++
    this.#waitingBytes += size
    const ask = (): void => {
      this.#underWay++
      void call.dispatch(name, blobs.length === 0 ? { json } : { json, blobs }).then((reply) => {
        if (this.#call !== call) return
        this.#waiting--
        this.#waitingBytes -= size
        this.#arrive(id, reply, this.#taken)
      })
    }
    if (this.#underWay < mostUnderWay) ask()
    else this.#line.push(ask)
    return 0
  }

  readonly #taken = (): void => {
    this.#underWay--
    this.#line.shift()?.()
  }

  #log(level: string, message: string): number {
    const severity = levels.includes(level) ? (level as LogLevel) : 'info'
    this.#logged++
    if (this.#logged > maxLogLines + 1) return 0
    const [line, at] = this.#logged > maxLogLines ? [tooManyLines, 'warn' as const] : [message, severity]
    if (this.#call === undefined) this.#loadLog?.(at, line)
    else this.#call.log(at, line)
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
