// The native functions that the prelude gets, and what they keep. Guest code that tampers with the prelude may call
// them with anything: each reads its arguments by type, bounds what the cell holds for the guest, and never throws
// anything of the host's into it.

import type { GuestCall } from '@bulkhead/cell'
import type { HostReply, LogLevel } from '@bulkhead/kernel'
import { BulkheadError, defaultJsonCaps } from '@bulkhead/kernel/wire'
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import type { BridgeOptions, Outcome } from './bridge-options.ts'
import { compute, entropyOperations, maxComputeLength } from './compute.ts'
import { GuestTimers } from './guest-timers.ts'
import { GuestValues } from './guest-values.ts'
import type { Interpreter } from './interpreter.ts'
import { callGuest, exactBuffer, payloadSize } from './transfer.ts'

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error']
const maxLogLines = 10_000
const maxLogLength = 32_768
/** Bytes of host calls that have no answer yet; they lie outside the guest's own memory. */
const maxWaitingBytes = 32 * 1024 * 1024
/** Host calls at once: their answers lie outside the guest's own memory until it takes them. */
const mostUnderWay = 16
/** What a byte string costs beside its bytes. */
const bufferCost = 256
const lengthOfBuffer = "Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get"
const maxFailureLength = 128 * 1024

/** See the file's head. */
export class Bridge {
  readonly #interpreter: Interpreter
  readonly #options: BridgeOptions
  readonly #timers: GuestTimers
  readonly #arrived: ((prelude: QuickJSHandle) => void)[] = []
  #call: GuestCall | undefined
  #wake: (() => void) | undefined
  #waiting = 0
  #waitingBytes = 0
  /** Host calls whose answer the guest has not taken yet; it may never take one. */
  #underWay = 0
  /** Host calls that wait for others to be taken. */
  readonly #line: (() => void)[] = []
  #sent = 0
  #outside = 0
  #logged = 0
  /** How the running call ended, if it has. */
  outcome: Outcome | undefined
  #drewEntropy = false
  #fatal: BulkheadError | undefined
  /** Reads what the guest hands over. */
  readonly values: GuestValues

  constructor(interpreter: Interpreter, options: BridgeOptions) {
    this.#interpreter = interpreter
    this.#options = options
    this.values = new GuestValues(interpreter.context)
    this.#timers = new GuestTimers(options.after, (id) =>
      this.#arrive((prelude) => {
        const { context } = this.#interpreter
        this.#require(callGuest(context, prelude, 'fire', [context.newNumber(id)]))
      }),
    )
  }

  /** Whether the plugin's top level drew entropy: what it made of it must not be the same for every call. */
  get drewEntropy(): boolean {
    return this.#drewEntropy
  }

  /** A bound that the guest passed: it has ended the call, whatever the guest does next. */
  get fatal(): BulkheadError | undefined {
    return this.#fatal
  }

  /** Whether host functions were called at the plugin's top level: their refusals are on their way. */
  get hasOutside(): boolean {
    return this.#outside > 0
  }

  /** Whether host calls are under way. */
  get waitsForHost(): boolean {
    return this.#waiting > 0
  }

  /** Whether something is there to {@link deliver}. */
  get hasArrived(): boolean {
    return this.#arrived.length > 0
  }

  /** Whether nothing is on its way to the guest. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#timers.size === 0 && this.#arrived.length === 0
  }

  /** Starts a call. */
  begin(call: GuestCall): void {
    this.#call = call
    this.#sent = 0
    this.#logged = 0
    this.outcome = undefined
    call.signal.addEventListener('abort', this.#notify, { once: true })
  }

  /** Ends the call: its timers stop, and answers that are still on their way are dropped. */
  end(): void {
    this.#call?.signal.removeEventListener('abort', this.#notify)
    this.#call = undefined
    this.#arrived.length = 0
    this.#waiting = 0
    this.#waitingBytes = 0
    this.#underWay = 0
    this.#line.length = 0
    this.#timers.stopAll()
  }

  close(): void {
    this.end()
    this.#end(new BulkheadError('host.internal', 'the interpreter is closed'))
  }

  /** Resolves when something is there to deliver, or the call was aborted. */
  arrival(): Promise<void> {
    if (this.#arrived.length > 0 || this.#call?.signal.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Gives the guest what arrived. Runs inside the guest: errors are the caller's to sort. */
  deliver(prelude: QuickJSHandle): void {
    for (const arrived of this.#arrived.splice(0)) arrived(prelude)
  }

  /** The getter of `ArrayBuffer.prototype.byteLength`; read before any code of the plugin runs. */
  readLengthOfBuffer(): QuickJSHandle {
    const { context } = this.#interpreter
    return context.unwrapResult(context.evalCode(lengthOfBuffer))
  }

  /** The object of native functions; see guest/bridge.ts for their contract. */
  makeGuestObject(): QuickJSHandle {
    const { context } = this.#interpreter
    const object = context.newObject()
    const functions: Record<string, (...handles: QuickJSHandle[]) => QuickJSHandle | undefined> = {
      send: (id, name, json, ...buffers) =>
        this.#send(this.values.number(id), this.values.text(name, 200), { json, buffers }),
      log: (level, message) => this.#log(this.values.text(level, 10), this.values.text(message, maxLogLength)),
      startTimer: (id, ms) => {
        this.#timers.start(this.values.number(id), this.values.number(ms))
        return undefined
      },
      stopTimer: (id) => {
        this.#timers.stop(this.values.number(id))
        return undefined
      },
      finish: (outcome, json, ...buffers) => this.#finish(this.values.text(outcome, 10) === 'ok', json, buffers),
      compute: (operation, json, buffer) => this.#compute(this.values.text(operation, 40), json, buffer),
    }
    for (const [name, run] of Object.entries(functions)) {
      const native = context.newFunction(name, (...handles) => {
        try {
          return run(...handles) ?? context.undefined
        } catch (thrown) {
          // Ours (a full memory) or the engine's own: either way the guest must not go on as if it had worked.
          this.#end(this.#options.classify(thrown))
          return context.undefined
        }
      })
      context.setProp(object, name, native)
    }
    return object
  }

  #end(error: BulkheadError): undefined {
    this.#fatal ??= error
    this.#interpreter.stop(this.#fatal)
    return undefined
  }

  readonly #notify = (): void => {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #arrive(deliver: (prelude: QuickJSHandle) => void): void {
    this.#arrived.push(deliver)
    this.#notify()
  }

  #send(id: number, name: string, { json, buffers }: { json: QuickJSHandle; buffers: QuickJSHandle[] }): undefined {
    const call = this.#call
    const refuse = (error: BulkheadError): undefined => {
      this.#arrive((prelude) => this.#settle(prelude, id, { ok: false, error: error.toJSON() }))
    }
    if (call === undefined) {
      this.#outside++
      return refuse(
        new BulkheadError('usage.invalid', `${name} was called outside of a call`, {
          hint: 'Make host calls in an action, not at the top level of a module.',
        }),
      )
    }
    // The host counts as well; this bounds what a guest piles up before any answer.
    if (++this.#sent > this.#options.limits.hostCalls + 1000) {
      return this.#end(
        new BulkheadError('limit.host-calls', `more than ${this.#options.limits.hostCalls} host calls in one call`),
      )
    }
    const size =
      this.values.length(json) + buffers.reduce((sum, buffer) => sum + bufferCost + this.values.byteLength(buffer), 0)
    if (size > defaultJsonCaps.maxLength) {
      return refuse(new BulkheadError('input.too-large', `the input of ${name} is ${size} bytes`))
    }
    if (this.#waitingBytes + size > maxWaitingBytes) {
      return refuse(
        new BulkheadError('limit.memory', `${this.#waitingBytes + size} bytes of host calls wait for answers`),
      )
    }
    const blobs = buffers.map((buffer) => this.values.bytes(buffer))
    const payload = { json: this.#interpreter.context.getString(json), ...(blobs.length === 0 ? {} : { blobs }) }
    this.#waiting++
    this.#waitingBytes += size
    const ask = (): void => {
      this.#underWay++
      void call.dispatch(name, payload).then((reply) => {
        if (this.#call !== call) return
        this.#waiting--
        this.#waitingBytes -= size
        this.#arrive((prelude) => {
          this.#underWay--
          this.#line.shift()?.()
          this.#settle(prelude, id, reply)
        })
      })
    }
    if (this.#underWay < mostUnderWay) ask()
    else this.#line.push(ask)
    return undefined
  }

  #settle(prelude: QuickJSHandle, id: number, reply: HostReply): void {
    const { context, makeRoom } = this.#interpreter
    const { json, blobs = [] } = reply.ok ? reply.payload : { json: JSON.stringify(reply.error) }
    makeRoom(payloadSize(json, blobs))
    const buffers = blobs.map((blob) => context.newArrayBuffer(exactBuffer(blob)))
    const head = [context.newNumber(id), reply.ok ? context.true : context.false, context.newString(json)]
    this.#require(callGuest(context, prelude, 'settle', [...head, ...buffers]))
  }

  #log(level: string, message: string): undefined {
    const severity = levels.includes(level) ? (level as LogLevel) : 'info'
    const log = this.#call === undefined ? this.#options.log : this.#call.log.bind(this.#call)
    this.#logged++
    if (this.#logged <= maxLogLines) log(severity, message)
    else if (this.#logged === maxLogLines + 1) log('warn', 'further log lines of this call are dropped')
    return undefined
  }

  #finish(ok: boolean, json: QuickJSHandle, buffers: QuickJSHandle[]): undefined {
    if (this.#call === undefined || this.outcome !== undefined) return undefined
    const most = this.#options.limits.outputBytes
    const size = this.values.length(json) + buffers.reduce((sum, buffer) => sum + this.values.byteLength(buffer), 0)
    if (size > (ok ? most : maxFailureLength)) {
      return this.#end(
        ok
          ? new BulkheadError('limit.output', `the output is ${size} bytes; at most ${most} are taken`)
          : new BulkheadError('plugin.failed', 'the plugin failed with an error too large to show'),
      )
    }
    const text = this.#interpreter.context.getString(json)
    this.outcome = ok
      ? { ok, json: text, blobs: buffers.map((buffer) => this.values.bytes(buffer)) }
      : { ok, json: text }
    return undefined
  }

  #compute(operation: string, json: QuickJSHandle, buffer: QuickJSHandle | undefined): QuickJSHandle | undefined {
    const { context, makeRoom } = this.#interpreter
    if (this.#call === undefined && entropyOperations.has(operation)) this.#drewEntropy = true
    const isThere = buffer !== undefined && context.typeof(buffer) === 'object'
    if (this.values.length(json) > maxComputeLength || (isThere && this.values.byteLength(buffer) > maxComputeLength))
      return undefined
    const result = compute(operation, context.getString(json), isThere ? this.values.bytes(buffer) : new Uint8Array())
    if (result === undefined) return undefined
    if (typeof result === 'string') {
      makeRoom(result.length * 3)
      return context.newString(result)
    }
    makeRoom(result.byteLength)
    return context.newArrayBuffer(exactBuffer(result))
  }

  #require(result: { error?: QuickJSHandle | undefined; dispose(): void }): void {
    // The guest's own timer function threw, or its memory is full: it goes on, as an event loop does after an
    // uncaught error, and the log tells.
    if (result.error !== undefined) this.#log('error', 'a timer or an answer failed in the plugin')
    result.dispose()
  }
}
