// The one door: every host call of every tier ends here. Parse within caps → gate (which records) → run on the permit
// → reply. No tier and no service holds permission logic of its own.

import type { ZodError } from 'zod'
import type { Capability } from '../capability/capability.ts'
import { BulkheadError } from '../errors.ts'
import type { AnyHostFunction } from '../function/host-function.ts'
import type { FunctionTable } from '../function/table.ts'
import type { DenyReason, Gate } from '../gate/gate.ts'
import { defaultJsonCaps, type JsonCaps } from '../json.ts'
import type { Clock, Crypto } from '../ports.ts'
import type { Dispatch } from '../runtime.ts'
import type { CallContext } from './context.ts'
import type { Bounded, Deadlines } from './deadlines.ts'
import { openErrorBook } from './error-book.ts'
import { type Lifetime, lifetimeOf, type MakeSignal, OwnedLifetime, within } from './lifetime.ts'
import { type Payload, packPayload, unpackPayload } from './payload.ts'

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

/** The host calls of one call. */
export interface CallSession {
  readonly dispatch: Dispatch
  /** Host calls made so far. */
  readonly hostCalls: number
  /** The error that was handed to the guest under this id, if it was one of this call's. */
  errorOf(id: string): BulkheadError | undefined
}

/** Opens the door for one call. */
export type OpenCallSession = (context: CallContext) => CallSession

/** Makes the door. */
export const makeDispatcher =
  (ports: DispatcherPorts): OpenCallSession =>
  (context) => {
    const errors = openErrorBook(context.callId)
    const lifetime = lifetimeOf(context)
    let hostCalls = 0

    return {
      get hostCalls() {
        return hostCalls
      },
      errorOf: errors.find,
      dispatch: async (name, payload) => {
        try {
          if (lifetime.error !== undefined) throw lifetime.error
          if (++hostCalls > context.limits.hostCalls) {
            throw new BulkheadError(
              'limit.host-calls',
              `${context.principal.name} made more than ${context.limits.hostCalls} host calls in one call`,
            )
          }
          return { ok: true, payload: await answer(ports, { context, lifetime }, { name, payload }) }
        } catch (thrown) {
          return { ok: false, error: errors.enter(thrown).toJSON() }
        }
      },
    }
  }

/** A schema may make an issue of each member, at some microseconds and a kilobyte apiece: members are bounded too. */
const inputCaps: JsonCaps = { ...defaultJsonCaps, maxDepth: 128, maxMembers: 250_000 }

const answer = async (
  ports: DispatcherPorts,
  { context, lifetime }: { readonly context: CallContext; readonly lifetime: Lifetime },
  request: { name: string; payload: Payload },
): Promise<Payload> => {
  const fn = ports.functions.get(request.name)
  if (fn === undefined) {
    throw new BulkheadError('function.unknown', `there is no host function "${request.name.slice(0, 100)}"`, {
      hint: ports.functions.nearestHint(request.name),
    })
  }
  const raw = unpackPayload(request.payload, `the input of ${fn.name}`, inputCaps)
  const parsed = fn.input.safeParse(raw)
  if (!parsed.success) throw invalidInput(fn, parsed.error)
  const input: unknown = deepFreeze(parsed.data)

  let inputHash: string | undefined
  const decide = async (capabilities: readonly Capability[], following?: string) => {
    const decision = await ports.gate.decide({
      context,
      function: fn.name,
      capabilities,
      risk: typeof fn.risk === 'function' ? fn.risk(input) : (fn.risk ?? 'write'),
      // Large inputs are hashed only when a person is asked.
      get inputHash() {
        return (inputHash ??= hashOf(request.payload, ports.crypto))
      },
      ...(following === undefined ? {} : { following }),
    })
    if (decision.allow) return decision
    const { why } = decision
    throw new BulkheadError('capability.denied', why.message, {
      hint: denialHint(why),
      details: {
        capability: why.capability,
        layer: why.layer,
        principal: why.principal,
        function: fn.name,
        record: decision.recordId,
      },
    })
  }

  const needs = fn.needs(input)
  const decision = needs.length === 0 ? { recordId: '', capabilities: needs } : await decide(needs)
  using bound = new HostCall(ports, context, lifetime)
  const run: unknown = fn.run(
    { function: fn.name, input, capabilities: decision.capabilities, recordId: decision.recordId },
    {
      call: context,
      get signal() {
        return bound.signal
      },
      check: async (capabilities) => {
        await decide(capabilities, decision.recordId)
      },
    },
  )
  // A run that ignores its signal must not hold the guest past its limit; its late answer is dropped.
  const output: unknown = run instanceof Promise ? await within(bound, run) : await run
  if (bound.error !== undefined) throw bound.error
  return packPayload(fn.output.parse(output))
}

/** The time of one host call: ends with its call, at its own limit, or at the call's deadline. */
class HostCall extends OwnedLifetime implements Bounded, Disposable {
  readonly deadlineMs: number
  readonly #hostCallMs: number
  readonly #deadlines: Deadlines
  readonly #stop: () => void

  constructor({ clock, deadlines, makeSignal }: DispatcherPorts, context: CallContext, call: Lifetime) {
    super(makeSignal)
    this.#hostCallMs = context.limits.hostCallMs
    this.#deadlines = deadlines
    // The call's own deadline is watched by whoever runs it, and moves: this one need not know it.
    this.deadlineMs = clock.monotonic() + this.#hostCallMs
    this.#stop = call.onEnd((error) => this.end(error))
    deadlines.add(this)
  }

  overdue(): void {
    this.end(
      new BulkheadError('limit.host-call-time', `a host call ran past its limit of ${Math.round(this.#hostCallMs)} ms`),
    )
  }

  [Symbol.dispose](): void {
    this.#deadlines.delete(this)
    this.#stop()
  }
}

/** Over all that was sent: an approval of one content must not serve for another. */
const hashOf = ({ json, blobs = [] }: Payload, { sha256 }: Crypto): string => {
  const text = sha256(json)
  return blobs.length === 0 ? text : sha256([text, ...blobs.map((blob) => sha256(blob))].join('\n'))
}

const denialHint = ({ layer, capability }: DenyReason): string => {
  if (layer === 'grant') return `If you trust the plugin with it: --grant ${quoteForShell(capability)}`
  if (layer === 'not-asked')
    return `Its manifest must ask for it, and somebody must grant it: capabilities: [${JSON.stringify(capability)}]`
  return `The ${layer} step of the gate refused; see: bulkhead audit --denied`
}

/** One shell word: a plugin chose part of the text, and somebody may paste the hint. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const invalidInput = (fn: AnyHostFunction, error: ZodError): BulkheadError => {
  const issues = error.issues.slice(0, 10).map((issue) => ({
    path: issue.path.map((key) => String(key).slice(0, 100)).join('.'),
    message: issue.message.slice(0, 300),
  }))
  return new BulkheadError(
    'input.invalid',
    `${fn.name}: ${issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; ')}`,
    { details: { issues } },
  )
}

/** Freezes plain objects and arrays (not byte strings), so that what was checked is what is run. */
const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
