// One call, from the caller's input to the checked output: validate → context → invoke → validate → metrics and audit.

import {
  asBulkheadError,
  type Awaitable,
  BulkheadError,
  type CallContext,
  type CallMetrics,
  type CallSession,
  type Dispatch,
  type LogLevel,
  nearestNames,
  type Perform,
  type RosterEntry,
  type RuntimeCall,
  type RuntimeResult,
  type RuntimeUsage,
  tightenLimits,
} from '@bulkhead/kernel'
import type { CallOptions } from '../api.ts'
import { cancelled } from '../edge/signals-node.ts'
import type { ActionEntry, LoadedCopy } from '../plugin/loaded-copy.ts'
import { isCrash } from '../plugin/plugin-supervision.ts'
import type { OpenCall, World } from '../plugin/world.ts'
import { CallClock } from './call-clock.ts'
import { Context } from './call-context.ts'
import { CallEnd, type EndingCall } from './call-end.ts'
import { checkCallOptions } from './call-options.ts'
import { originalError } from './original-error.ts'
import { checkInput, packInput, readOutput } from './values.ts'

/** Made once: a stack trace for every call's end would cost more than the end itself. */
const callIsOver = new BulkheadError('call.cancelled', 'the call is over')

/** What is called. */
export interface CallRequest {
  readonly plugin: string
  readonly action: string
  readonly input:
    | { readonly kind: 'value'; readonly value: unknown }
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  readonly options: CallOptions
  /** Time this call spent loading the plugin, ms. */
  readonly loadMs: number
  /** When it began to run, after its waits for a turn where the runtime tells of them; on the monotonic clock, ms. */
  beganMs: number
}

/** Output and metrics; for `raw` calls the output is a Uint8Array. */
export interface CallResult {
  readonly output: unknown
  readonly metrics: CallMetrics
}

const requireAction = (copy: LoadedCopy, request: CallRequest): ActionEntry => {
  const entry = copy.actionOf(request.action)
  if (entry !== undefined) return entry
  const names = Object.keys(copy.actions)
  // A copy that names no actions (a module whose exports could not be told apart) leaves the answer to the runtime.
  if (names.length === 0) return anyAction
  const near = nearestNames(request.action, names)
  throw new BulkheadError('action.unknown', `${request.plugin} has no action "${request.action.slice(0, 100)}"`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Its actions: ${names.slice(0, 20).join(', ')}.`,
    details: { nearest: near, actions: names.slice(0, 100) },
  })
}

const anyAction: ActionEntry = { timeoutMs: Number.POSITIVE_INFINITY, input: undefined, output: undefined }

const readInput = (action: ActionEntry, { input }: CallRequest, what: string): RuntimeCall['input'] => {
  if (input.kind === 'raw') return input
  return { kind: 'value', payload: checkInput(action.input, packInput(input.value), `the input of ${what}`) }
}

/**
 * Runs one call on a loaded copy; answers at once where nothing had to be waited for.
 * @throws BulkheadError (or rejects with it) `action.unknown`, `input.*`, `output.*`, `plugin.*`, `limit.*`, `call.*`,
 *   `capability.denied`
 */
export const runCall = (world: World, copy: LoadedCopy, request: CallRequest): Awaitable<CallResult> => {
  const action = requireAction(copy, request)
  checkCallOptions(request.options, copy.limits)
  const input = readInput(action, request, `${request.plugin}.${request.action}`)
  copy.takeCall()
  return new RunningCall({ world, copy, request, action, input }).run()
}

/** What a call runs with, checked. */
interface CallParts {
  readonly world: World
  readonly copy: LoadedCopy
  readonly request: CallRequest
  readonly action: ActionEntry
  readonly input: RuntimeCall['input']
}

/** A call on its way, as the runtime, the gate and the audit log know it. */
class RunningCall implements RuntimeCall, OpenCall, EndingCall {
  readonly action: string
  readonly input: RuntimeCall['input']
  readonly output: 'value' | 'raw'
  readonly copy: LoadedCopy
  readonly request: CallRequest
  readonly context: CallContext
  readonly clock: CallClock
  readonly session: CallSession
  readonly #world: World
  readonly #entry: ActionEntry
  readonly #end: CallEnd
  #place: RosterEntry | undefined
  #isCrashNoted = false

  constructor({ world, copy, request, action, input }: CallParts) {
    const { options } = request
    this.action = request.action
    this.input = input
    this.output = request.input.kind
    this.copy = copy
    this.request = request
    this.#world = world
    this.#entry = action
    const limits = options.limits === undefined ? copy.limits : tightenLimits(copy.limits, options.limits)
    this.clock = new CallClock(world, {
      limitMs: limits.wallMs,
      timeoutMs: Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, action.timeoutMs),
      signal: options.signal,
      what: this.#what,
    })
    this.context = new Context(world, { copy, action: request.action, options, limits, clock: this.clock })
    this.session = world.openSession(this.context, this.clock)
    this.#end = new CallEnd(world, this)
  }

  run(): Awaitable<CallResult> {
    const { closing, openCalls } = this.#world
    this.#place = openCalls.add(this)
    this.copy.running++
    try {
      if (closing.aborted) this.clock.end(cancelled(closing.reason))
      const result = this.copy.loaded.call(this)
      return result instanceof Promise ? this.#finishLater(result) : this.#finish(result)
    } catch (thrown) {
      return this.#fail(thrown)
    }
  }

  get dispatch(): Dispatch {
    return this.session.dispatch
  }

  get perform(): Perform {
    return this.session.perform
  }

  log(level: LogLevel, message: string): void {
    this.#world.callLog(this.context, level, message)
  }

  begun(): void {
    this.request.beganMs = this.#world.clock.monotonic()
  }

  failing(error: BulkheadError): void {
    if (this.#isCrashNoted || !isCrash(error)) return
    this.#isCrashNoted = true
    this.copy.crashed(error, this.request.beganMs)
  }

  report(used: RuntimeUsage): void {
    this.#end.reported(used)
  }

  get #what(): string {
    return `${this.request.plugin}.${this.request.action}`
  }

  async #finishLater(running: Promise<RuntimeResult>): Promise<CallResult> {
    try {
      return this.#finish(await running)
    } catch (thrown) {
      return this.#fail(thrown)
    }
  }

  /** Tells of its end and is over; what it throws is for `#fail`, what it rejects with has been there. */
  #finish(result: RuntimeResult): Awaitable<CallResult> {
    this.#end.returned(result)
    const { output: given } = result
    if (this.copy.isOver) throw lateAnswer(this.#what, this.copy.generation)
    const output =
      given.kind === 'raw' ? given.bytes : readOutput(this.#entry.output, given.payload, `the output of ${this.#what}`)
    const metrics = this.#end.tell(undefined)
    if (metrics instanceof Promise) return this.#finishTold(output, metrics)
    this.#close()
    return { output, metrics }
  }

  async #finishTold(output: unknown, told: Promise<CallMetrics>): Promise<CallResult> {
    try {
      const metrics = await told
      this.#close()
      return { output, metrics }
    } catch (thrown) {
      return this.#fail(thrown)
    }
  }

  #fail(thrown: unknown): Promise<never> {
    const error = this.clock.named(originalError(asBulkheadError(thrown, 'plugin.failed'), this.session))
    this.failing(error)
    const told = this.#end.tell(error)
    if (told instanceof Promise) return told.then(() => this.#closeWith(error))
    return this.#closeWith(error)
  }

  #closeWith(error: BulkheadError): never {
    this.#close()
    throw error
  }

  #close(): void {
    this.copy.running--
    this.#place?.leave()
    // Whatever the guest left running must end with its call.
    this.clock.end(callIsOver)
    this.clock[Symbol.dispose]()
  }
}

const lateAnswer = (what: string, generation: number): BulkheadError =>
  new BulkheadError(
    'plugin.crashed',
    `the answer of ${what} came after generation ${generation} had ended, and is dropped`,
    {
      details: { generation },
    },
  )
