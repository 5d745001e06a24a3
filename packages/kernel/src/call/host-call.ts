// One host call whose input was read: gate → run on the permit → output. It never acts without the gate's word, and
// waits for a function no longer than the call lasts and the limit of a host call allows.

import type { Capability } from '../capability/capability.ts'
import { BulkheadError } from '../errors.ts'
import { type AnyHostFunction, type RunContext, WrittenOutput } from '../function/host-function.ts'
import type { Decision, DenyReason, Gate, GateRequest } from '../gate/gate.ts'
import type { Crypto } from '../ports.ts'
import type { CallContext } from './context.ts'
import type { Deadlines } from './deadlines.ts'
import { HostCallTime } from './host-call-time.ts'
import type { Lifetime, MakeSignal } from './lifetime.ts'
import { type Payload, packPayload } from './payload.ts'

/** What host calls need. */
export interface HostCallPorts {
  readonly gate: Gate
  readonly clock: { monotonic(): number }
  readonly crypto: Crypto
  readonly deadlines: Deadlines
  readonly makeSignal: MakeSignal
}

/** What is asked for, and by which call. */
export interface HostCallRequest {
  readonly context: CallContext
  /** Of the call that makes it. */
  readonly lifetime: Lifetime
  readonly fn: AnyHostFunction
  /** Parsed and frozen. */
  readonly input: unknown
  /** As it was sent. */
  readonly payload: Payload
  /** Now, on the monotonic clock, ms. */
  readonly nowMs: number
}

type Allowed = Extract<Decision, { allow: true }>

/** The answer to a function that needs nothing: nothing was decided, so there is no record. */
const nothingNeeded: Allowed = Object.freeze({ allow: true, recordId: '', capabilities: Object.freeze([]) })

/**
 * Runs a host call; waits only where the gate or the function does.
 * @throws BulkheadError `capability.denied`, `call.*`, `limit.*`, or whatever the function throws
 */
export const answerHostCall = (ports: HostCallPorts, request: HostCallRequest): Payload | Promise<Payload> =>
  HostCall.answer(ports, request)

/** What the function sees of it, and the rest in private. */
class HostCall implements RunContext {
  readonly call: CallContext
  // Functions take it out of the context, so it is bound.
  readonly check: RunContext['check'] = async (capabilities) => {
    const decision = await this.#decide(capabilities, this.#recordId)
    if (!decision.allow) throw denied(decision, this.#request.fn)
  }
  readonly allows: RunContext['allows'] = (capability) =>
    this.#ports.gate.wouldAllow?.(this.#request.context, capability) === true
  readonly #ports: HostCallPorts
  readonly #request: HostCallRequest
  #inputHash: InputHash | undefined
  #recordId = ''
  #startedMs: number
  #time: HostCallTime | undefined

  static answer(ports: HostCallPorts, request: HostCallRequest): Payload | Promise<Payload> {
    const { fn, input } = request
    const call = new HostCall(ports, request)
    const needs = fn.needs(input)
    if (needs.length === 0) return call.#run(nothingNeeded)
    const decision = call.#decide(needs)
    if (!(decision instanceof Promise)) return call.#run(decision)
    return decision.then((decided) => {
      call.#startedMs = ports.clock.monotonic()
      return call.#run(decided)
    })
  }

  private constructor(ports: HostCallPorts, request: HostCallRequest) {
    this.call = request.context
    this.#ports = ports
    this.#request = request
    this.#startedMs = request.nowMs
  }

  get signal(): AbortSignal {
    return this.#bound.signal
  }

  /** Made when it is needed: a function that answers at once and listens to nothing has no use for it. */
  get #bound(): HostCallTime {
    const { context, lifetime } = this.#request
    return (this.#time ??= new HostCallTime(this.#ports, {
      call: lifetime,
      startedMs: this.#startedMs,
      limitMs: context.limits.hostCallMs,
    }))
  }

  #decide(capabilities: readonly Capability[], following?: string): Decision | Promise<Decision> {
    this.#inputHash ??= new InputHash(this.#request.payload, this.#ports.crypto)
    return this.#ports.gate.decide(new Question(this.#request, this.#inputHash, { capabilities, following }))
  }

  #run(decision: Decision): Payload | Promise<Payload> {
    const { fn, input, lifetime } = this.#request
    if (!decision.allow) throw denied(decision, fn)
    // The call may have ended while the gate waited, for a person or for the disk.
    if (lifetime.error !== undefined) throw lifetime.error
    const { recordId, capabilities } = decision
    this.#recordId = recordId
    let run: unknown
    try {
      run = fn.run({ function: fn.name, input, capabilities, recordId }, this)
      if (isThenable(run)) return this.#wait(run)
    } catch (thrown) {
      this.#time?.[Symbol.dispose]()
      throw thrown
    }
    this.#time?.[Symbol.dispose]()
    if (lifetime.error !== undefined) throw lifetime.error
    return packOutput(fn, run)
  }

  /** A run that ignores its signal must not hold the guest past its limit; its late answer is dropped. */
  #wait(run: PromiseLike<unknown>): Promise<Payload> {
    const time = this.#bound
    const { fn } = this.#request
    return new Promise((resolve, reject) => {
      time.onEnd((error) => {
        time[Symbol.dispose]()
        reject(error)
      })
      run.then(
        (output) => {
          time[Symbol.dispose]()
          try {
            resolve(packOutput(fn, output))
          } catch (thrown) {
            reject(thrown as Error)
          }
        },
        (thrown: unknown) => {
          time[Symbol.dispose]()
          reject(thrown as Error)
        },
      )
    })
  }
}

/** Over all that was sent: an approval of one content must not serve for another. Made only when somebody is asked. */
class InputHash {
  readonly #payload: Payload
  readonly #crypto: Crypto
  #text: string | undefined

  constructor(payload: Payload, crypto: Crypto) {
    this.#payload = payload
    this.#crypto = crypto
  }

  get text(): string {
    return (this.#text ??= hashOf(this.#payload, this.#crypto))
  }
}

/** What the gate is asked. */
class Question implements GateRequest {
  readonly context: CallContext
  readonly function: string
  readonly capabilities: readonly Capability[]
  readonly risk: GateRequest['risk']
  readonly following: string | undefined
  readonly #inputHash: InputHash

  constructor(
    { context, fn, input }: HostCallRequest,
    inputHash: InputHash,
    asked: { readonly capabilities: readonly Capability[]; readonly following: string | undefined },
  ) {
    this.context = context
    this.function = fn.name
    this.capabilities = asked.capabilities
    this.risk = typeof fn.risk === 'function' ? fn.risk(input) : (fn.risk ?? 'write')
    this.following = asked.following
    this.#inputHash = inputHash
  }

  get inputHash(): string {
    return this.#inputHash.text
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

const packOutput = (fn: AnyHostFunction, output: unknown): Payload =>
  output instanceof WrittenOutput ? { json: output.json } : packPayload(fn.output.parse(output))

const hashOf = ({ json, blobs = [] }: Payload, { sha256 }: Crypto): string => {
  const text = sha256(json)
  return blobs.length === 0 ? text : sha256([text, ...blobs.map((blob) => sha256(blob))].join('\n'))
}

const denied = ({ why, recordId }: Extract<Decision, { allow: false }>, fn: AnyHostFunction): BulkheadError =>
  new BulkheadError('capability.denied', why.message, {
    hint: denialHint(why),
    details: {
      capability: why.capability,
      layer: why.layer,
      principal: why.principal,
      function: fn.name,
      record: recordId,
    },
  })

const denialHint = ({ layer, capability }: DenyReason): string => {
  if (layer === 'grant') return `If you trust the plugin with it: --grant ${quoteForShell(capability)}`
  if (layer === 'not-asked')
    return `Its manifest must ask for it, and somebody must grant it: capabilities: [${JSON.stringify(capability)}]`
  return `The ${layer} step of the gate refused; see: bulkhead audit --denied`
}

/** One shell word: a plugin chose part of the text, and somebody may paste the hint. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
