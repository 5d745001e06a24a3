// The one door: every host call of every tier ends here. Parse within caps → gate (which records) → run on the permit
// → reply. No tier and no service holds permission logic of its own. What need not be waited for is not waited for: a
// read that the gate can decide at once is answered in the same turn.

import type { BulkheadError } from '../errors.ts'
import type { AnyHostFunction } from '../function/host-function.ts'
import type { FunctionTable } from '../function/table.ts'
import type { Gate } from '../gate/gate.ts'
import type { Clock, Crypto } from '../ports.ts'
import type { Dispatch, HostReply, Perform } from '../runtime.ts'
import type { CallContext } from './context.ts'
import type { Deadlines } from './deadlines.ts'
import { type ErrorBook, openErrorBook } from './error-book.ts'
import { answerHostCall } from './host-call.ts'
import { hostCallsExceeded, readInput, unknownFunction } from './host-call-input.ts'
import { type Lifetime, lifetimeOf, type MakeSignal } from './lifetime.ts'
import type { Payload } from './payload.ts'

/** What the door needs. */
export interface DispatcherPorts {
  readonly functions: FunctionTable
  readonly gate: Gate
  readonly clock: Clock
  readonly crypto: Crypto
  /** Watches over the deadlines of host calls. */
  readonly deadlines: Deadlines
  readonly makeSignal: MakeSignal
}

/** Told when a call begins and ceases to wait for the host, on the monotonic clock, ms: once each for each host call. */
export interface HostWaits {
  enterHost(nowMs: number): void
  leaveHost(nowMs: number): void
}

/** The host calls of one call. */
export interface CallSession {
  readonly dispatch: Dispatch
  readonly perform: Perform
  /** Host calls made so far. */
  readonly hostCalls: number
  /** The error that was handed to the guest under this id, if it was one of this call's. */
  errorOf(id: string): BulkheadError | undefined
}

/** Opens the door for one call. */
export type OpenCallSession = (context: CallContext, waits?: HostWaits) => CallSession

/** Makes the door. */
export const makeDispatcher =
  (ports: DispatcherPorts): OpenCallSession =>
  (context, waits) =>
    new Session(ports, context, waits)

class Session implements CallSession {
  readonly #ports: DispatcherPorts
  readonly #context: CallContext
  readonly #lifetime: Lifetime
  readonly #waits: HostWaits | undefined
  #errors: ErrorBook | undefined
  #hostCalls = 0

  constructor(ports: DispatcherPorts, context: CallContext, waits: HostWaits | undefined) {
    this.#ports = ports
    this.#context = context
    this.#lifetime = lifetimeOf(context)
    this.#waits = waits
  }

  get hostCalls(): number {
    return this.#hostCalls
  }

  errorOf(id: string): BulkheadError | undefined {
    return this.#errors?.find(id)
  }

  readonly dispatch: Dispatch = (name, payload) => this.#enter(name, payload)

  readonly perform: Perform = (fn, payload) => this.#enter(fn, payload)

  #enter(wanted: string | AnyHostFunction, payload: Payload): Promise<HostReply> {
    const nowMs = this.#ports.clock.monotonic()
    this.#waits?.enterHost(nowMs)
    try {
      const answer = this.#answer(wanted, payload, nowMs)
      if (!(answer instanceof Promise)) return Promise.resolve(this.#reply(answer))
      return answer.then(
        (given) => this.#reply(given),
        (thrown: unknown) => this.#refuse(thrown),
      )
    } catch (thrown) {
      return Promise.resolve(this.#refuse(thrown))
    }
  }

  #answer(wanted: string | AnyHostFunction, payload: Payload, nowMs: number): Payload | Promise<Payload> {
    if (this.#lifetime.error !== undefined) throw this.#lifetime.error
    if (++this.#hostCalls > this.#context.limits.hostCalls) throw hostCallsExceeded(this.#context)
    const fn = typeof wanted === 'string' ? this.#named(wanted) : wanted
    const input = readInput(fn, payload)
    return answerHostCall(this.#ports, {
      context: this.#context,
      lifetime: this.#lifetime,
      fn,
      input,
      payload,
      nowMs,
    })
  }

  #named(name: string): AnyHostFunction {
    const { functions } = this.#ports
    const fn = functions.get(name)
    if (fn === undefined) throw unknownFunction(functions, name)
    return fn
  }

  #reply(payload: Payload): HostReply {
    this.#waits?.leaveHost(this.#ports.clock.monotonic())
    return { ok: true, payload }
  }

  #refuse(thrown: unknown): HostReply {
    this.#waits?.leaveHost(this.#ports.clock.monotonic())
    this.#errors ??= openErrorBook(this.#context.callId)
    return { ok: false, error: this.#errors.enter(thrown).toJSON() }
  }
}
