// One call, from the caller's input to the checked output: validate → context → invoke → validate → metrics and audit.

import {
  asBulkheadError,
  BulkheadError,
  type CallContext,
  type CallMetrics,
  nearestNames,
  type RuntimeCall,
  type RuntimeResult,
  tightenLimits,
} from '@bulkhead/kernel'
import type { CallOptions } from '../api.ts'
import type { LoadedCopy } from '../plugin/loaded-copy.ts'
import type { World } from '../plugin/world.ts'
import { openCallClock } from './call-clock.ts'
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
  const names = Object.keys(copy.actions)
  // A copy that names no actions (a module whose exports could not be told apart) leaves the answer to the runtime.
  if (names.length === 0 || Object.hasOwn(copy.actions, request.action)) return
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
  checkCallOptions(options)
  const schemas = copy.schemasOf(request.action)
  const what = `the input of ${request.plugin}.${request.action}`
  let input: RuntimeCall['input']
  if (request.input.kind === 'raw') input = { kind: 'raw', bytes: request.input.bytes }
  else {
    const payload = packInput(request.input.value)
    checkInput(schemas.input, payload, what)
    input = { kind: 'value', payload }
  }
  copy.takeCall()

  const limits = tightenLimits(copy.limits, options.limits ?? {})
  const actionTimeoutMs = copy.actions[request.action]?.timeoutMs
  const wallMs = Math.min(
    limits.wallMs,
    options.timeoutMs ?? Number.POSITIVE_INFINITY,
    actionTimeoutMs ?? Number.POSITIVE_INFINITY,
  )
  using callClock = openCallClock(world.clock, {
    wallMs,
    parents: [options.signal, world.closing],
    what: `${request.plugin}.${request.action}`,
  })
  const startedAt = world.clock.monotonic()
  const context: CallContext = Object.freeze({
    callId: world.crypto.newId(),
    principal: copy.principal,
    chain: [],
    action: request.action,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
    workspaceRoot: workspaceRootOf(world, options.workspace),
    get deadlineMs() {
      return callClock.deadlineMs
    },
    limits,
    signal: callClock.signal,
  })
  const session = world.openSession(context)
  let result: RuntimeResult | undefined
  const metrics = (): CallMetrics => ({
    loadMs: request.loadMs,
    callMs: world.clock.monotonic() - startedAt,
    hostCalls: session.hostCalls,
    ...(result?.cpuMs === undefined ? {} : { cpuMs: result.cpuMs }),
    ...(result?.memoryBytes === undefined ? {} : { memoryBytes: result.memoryBytes }),
    ...(result?.fuelUsed === undefined ? {} : { fuelUsed: result.fuelUsed }),
  })
  const tell = (ok: boolean): void =>
    world.events.emit('call:end', { id: request.plugin, action: request.action, ok, metrics: metrics() })
  const record = async (error: BulkheadError | undefined): Promise<void> => {
    const measured = metrics()
    const crashed = error?.code === 'plugin.crashed' && !copy.stopping
    await world.audit.append(
      {
        type: crashed ? 'plugin_crashed' : 'call_ended',
        result: 'info',
        principal: context.principal.id,
        plugin: request.plugin,
        callId: context.callId,
        action: request.action,
        ...(context.user === undefined ? {} : { user: context.user }),
        ...(context.workspace === undefined ? {} : { workspace: context.workspace }),
        ...(error === undefined ? {} : { why: error.code }),
        details: { callMs: Math.round(measured.callMs * 1000) / 1000, hostCalls: measured.hostCalls },
      },
      'lazy',
    )
  }

  world.openCalls.set(context.callId, callClock)
  copy.running++
  try {
    result = await copy.loaded.call({
      action: request.action,
      input,
      output: request.input.kind,
      context,
      dispatch: session.dispatch,
      log: (level, message) => world.callLog(context, level, message),
    })
    const output =
      result.output.kind === 'raw'
        ? result.output.bytes
        : readOutput(schemas.output, result.output.payload, `the output of ${request.plugin}.${request.action}`)
    await record(undefined)
    tell(true)
    return { output, metrics: metrics() }
  } catch (thrown) {
    const error = originalError(asBulkheadError(thrown, 'plugin.failed'), session.errorOf)
    await record(error).catch(() => {})
    tell(false)
    if (error.code === 'plugin.crashed' && !copy.stopping)
      world.events.emit('plugin:crashed', { id: request.plugin, error: error.toJSON() })
    throw error
  } finally {
    copy.running--
    world.openCalls.delete(context.callId)
    // Whatever the guest left running must end with its call.
    callClock.abort(callIsOver)
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
