// One call, from the caller's input to the checked output: validate → context → invoke → validate → metrics and audit.

import {
  asBulkheadError,
  type AuditEvent,
  BulkheadError,
  type CallContext,
  type CallMetrics,
  type Lifetime,
  type Limits,
  nearestNames,
  type RuntimeCall,
  type RuntimeResult,
  type RuntimeUsage,
  tightenLimits,
  usageOf,
} from '@bulkhead/kernel'
import type { CallOptions } from '../api.ts'
import type { LoadedCopy } from '../plugin/loaded-copy.ts'
import type { World } from '../plugin/world.ts'
import { cancelled } from '../edge/signals-node.ts'
import { CallClock } from './call-clock.ts'
import { checkCallOptions } from './call-options.ts'
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
}

/** Output and metrics; for `raw` calls the output is a Uint8Array. */
export interface CallResult {
  readonly output: unknown
  readonly metrics: CallMetrics
}

const requireAction = (copy: LoadedCopy, request: CallRequest): void => {
  if (Object.hasOwn(copy.actions, request.action)) return
  const names = Object.keys(copy.actions)
  // A copy that names no actions (a module whose exports could not be told apart) leaves the answer to the runtime.
  if (names.length === 0) return
  const near = nearestNames(request.action, names)
  throw new BulkheadError('action.unknown', `${request.plugin} has no action "${request.action.slice(0, 100)}"`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Its actions: ${names.slice(0, 20).join(', ')}.`,
    details: { nearest: near, actions: names.slice(0, 100) },
  })
}

/**
 * Runs one call on a loaded copy.
 * @throws BulkheadError `action.unknown`, `input.*`, `output.*`, `plugin.*`, `limit.*`, `call.*`, `capability.denied`
 */
export const runCall = async (world: World, copy: LoadedCopy, request: CallRequest): Promise<CallResult> => {
  requireAction(copy, request)
  const { options } = request
  checkCallOptions(options, copy.limits)
  const schemas = copy.schemasOf(request.action)
  const what = `${request.plugin}.${request.action}`
  let input: RuntimeCall['input']
  if (request.input.kind === 'raw') input = { kind: 'raw', bytes: request.input.bytes }
  else {
    const payload = packInput(request.input.value)
    checkInput(schemas.input, payload, `the input of ${what}`)
    input = { kind: 'value', payload }
  }
  copy.takeCall()

  const limits = options.limits === undefined ? copy.limits : tightenLimits(copy.limits, options.limits)
  const timeoutMs = Math.min(
    options.timeoutMs ?? Number.POSITIVE_INFINITY,
    copy.actions[request.action]?.timeoutMs ?? Number.POSITIVE_INFINITY,
  )
  using callClock = new CallClock(world, { limitMs: limits.wallMs, timeoutMs, signal: options.signal, what })
  if (world.closing.aborted) callClock.end(cancelled(world.closing.reason))
  const startedAt = world.clock.monotonic()
  const context = new Context(world, { copy, request, limits, clock: callClock })
  const session = world.openSession(context)
  let usage: RuntimeUsage = {}
  let outputBytes: number | undefined

  /** What was used, told once the call is over. */
  const finish = async (error: BulkheadError | undefined): Promise<CallMetrics> => {
    const metrics: CallMetrics = {
      loadMs: request.loadMs,
      callMs: world.clock.monotonic() - startedAt,
      hostCalls: session.hostCalls,
      ...usage,
      ...(outputBytes === undefined ? {} : { outputBytes }),
      ...usageOf(context),
    }
    const crashed = error?.code === 'plugin.crashed' && !copy.stopping
    try {
      await world.audit.append(endEvent(context, { plugin: request.plugin, error, crashed, metrics }), 'lazy')
    } catch (thrown) {
      // A call that failed has its own error to tell.
      if (error === undefined) throw thrown
    }
    world.events.emit('call:end', { id: request.plugin, action: request.action, ok: error === undefined, metrics })
    if (crashed) world.events.emit('plugin:crashed', { id: request.plugin, error: error.toJSON() })
    return metrics
  }

  world.openCalls.set(context.callId, callClock)
  copy.running++
  try {
    const result = await copy.loaded.call({
      action: request.action,
      input,
      output: request.input.kind,
      context,
      dispatch: async (name, payload) => {
        callClock.enterHost()
        const reply = await session.dispatch(name, payload)
        callClock.leaveHost()
        return reply
      },
      log: (level, message) => world.callLog(context, level, message),
      report: (used) => {
        usage = used
      },
    })
    const { output: given, ...used } = result
    usage = used
    outputBytes = sizeOf(given)
    const output =
      given.kind === 'raw' ? given.bytes : readOutput(schemas.output, given.payload, `the output of ${what}`)
    return { output, metrics: await finish(undefined) }
  } catch (thrown) {
    const error = originalError(asBulkheadError(thrown, 'plugin.failed'), session.errorOf)
    await finish(error)
    throw error
  } finally {
    copy.running--
    world.openCalls.delete(context.callId)
    // Whatever the guest left running must end with its call.
    callClock.end(callIsOver)
  }
}

/** The context of one call; what it says never changes, but for the deadline. */
class Context implements CallContext {
  readonly callId: string
  readonly principal: CallContext['principal']
  readonly chain: CallContext['chain'] = nobody
  readonly action: string
  readonly user?: string
  readonly workspace?: string
  readonly workspaceRoot: string
  readonly limits: Limits
  readonly #clock: CallClock

  constructor(
    world: World,
    call: {
      readonly copy: LoadedCopy
      readonly request: CallRequest
      readonly limits: Limits
      readonly clock: CallClock
    },
  ) {
    const { user, workspace } = call.request.options
    this.callId = world.crypto.newId()
    this.principal = call.copy.principal
    this.action = call.request.action
    if (user !== undefined) this.user = user
    if (workspace !== undefined) this.workspace = workspace
    this.workspaceRoot = workspaceRootOf(world, workspace)
    this.limits = call.limits
    this.#clock = call.clock
    Object.freeze(this)
  }

  get deadlineMs(): number {
    return this.#clock.deadlineMs
  }

  get lifetime(): Lifetime {
    return this.#clock
  }

  get signal(): AbortSignal {
    return this.#clock.signal
  }
}

const nobody: CallContext['chain'] = Object.freeze([])

const sizeOf = (output: RuntimeResult['output']): number =>
  output.kind === 'raw'
    ? output.bytes.length
    : (output.payload.blobs ?? []).reduce((sum, blob) => sum + blob.length, output.payload.json.length)

const endEvent = (
  context: CallContext,
  call: {
    readonly plugin: string
    readonly error: BulkheadError | undefined
    readonly crashed: boolean
    readonly metrics: CallMetrics
  },
): AuditEvent => {
  const { error, metrics } = call
  return {
    type: call.crashed ? 'plugin_crashed' : 'call_ended',
    result: 'info',
    principal: context.principal.id,
    plugin: call.plugin,
    callId: context.callId,
    action: context.action,
    ...(context.user === undefined ? {} : { user: context.user }),
    ...(context.workspace === undefined ? {} : { workspace: context.workspace }),
    ...(error === undefined ? {} : { why: error.code }),
    details: Object.freeze({
      callMs: Math.round(metrics.callMs * 1000) / 1000,
      hostCalls: metrics.hostCalls,
      ...(metrics.cpuMs === undefined ? {} : { cpuMs: metrics.cpuMs }),
      ...(metrics.fuelUsed === undefined ? {} : { fuelUsed: metrics.fuelUsed }),
    }),
  }
}

/** A host error that came back through the guest is recognised by its id, never by its text. */
const originalError = (error: BulkheadError, errorOf: (id: string) => BulkheadError | undefined): BulkheadError => {
  const id = error.id ?? error.details?.['hostErrorId']
  return (typeof id === 'string' ? errorOf(id) : undefined) ?? error
}

const workspaceRootOf = (world: World, workspace: string | undefined): string => {
  const configured = world.policy.workspaces
  if (workspace === undefined || configured === undefined || !Object.hasOwn(configured, workspace))
    return world.workspaceRoot
  return configured[workspace]?.root ?? world.workspaceRoot
}
