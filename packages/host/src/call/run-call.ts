// One call, from the caller's input to the checked output: validate → context → invoke → validate → metrics and audit.

import {
  asBulkheadError,
  BulkheadError,
  type CallMetrics,
  type CallSession,
  nearestNames,
  type RuntimeCall,
  tightenLimits,
} from '@bulkhead/kernel'
import type { CallOptions } from '../api.ts'
import { cancelled } from '../edge/signals-node.ts'
import type { ActionEntry, LoadedCopy } from '../plugin/loaded-copy.ts'
import type { World } from '../plugin/world.ts'
import { CallClock } from './call-clock.ts'
import { Context } from './call-context.ts'
import { CallEnd } from './call-end.ts'
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
  const payload = packInput(input.value)
  checkInput(action.input, payload, `the input of ${what}`)
  return { kind: 'value', payload }
}

/**
 * Runs one call on a loaded copy.
 * @throws BulkheadError `action.unknown`, `input.*`, `output.*`, `plugin.*`, `limit.*`, `call.*`, `capability.denied`
 */
export const runCall = async (world: World, copy: LoadedCopy, request: CallRequest): Promise<CallResult> => {
  const action = requireAction(copy, request)
  const { options } = request
  checkCallOptions(options, copy.limits)
  const what = `${request.plugin}.${request.action}`
  const input = readInput(action, request, what)
  copy.takeCall()

  const limits = options.limits === undefined ? copy.limits : tightenLimits(copy.limits, options.limits)
  const clock = new CallClock(world, {
    limitMs: limits.wallMs,
    timeoutMs: Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, action.timeoutMs),
    signal: options.signal,
    what,
  })
  // Disposed of by hand below: `using` takes as long as all that a small call does besides.
  const context = new Context(world, { copy, action: request.action, options, limits, clock })
  const session = world.openSession(context, clock)
  const call = { copy, request, context, clock, session }
  const end = new CallEnd(world, call)
  const open = world.openCalls.add(call)
  copy.running++
  try {
    if (world.closing.aborted) clock.end(cancelled(world.closing.reason))
    const result = await copy.loaded.call({
      action: request.action,
      input,
      output: request.input.kind,
      context,
      dispatch: session.dispatch,
      log: (level, message) => world.callLog(context, level, message),
      report: (used) => end.reported(used),
    })
    end.returned(result)
    const { output: given } = result
    const output =
      given.kind === 'raw' ? given.bytes : readOutput(action.output, given.payload, `the output of ${what}`)
    const told = end.tell(undefined)
    return { output, metrics: told instanceof Promise ? await told : told }
  } catch (thrown) {
    const error = originalError(asBulkheadError(thrown, 'plugin.failed'), session)
    await end.tell(error)
    throw error
  } finally {
    copy.running--
    open.leave()
    // Whatever the guest left running must end with its call.
    clock.end(callIsOver)
    clock[Symbol.dispose]()
  }
}

/** A host error that came back through the guest is recognised by its id, never by its text. */
const originalError = (error: BulkheadError, session: CallSession): BulkheadError => {
  const id = error.id ?? error.details?.['hostErrorId']
  return (typeof id === 'string' ? session.errorOf(id) : undefined) ?? error
}
