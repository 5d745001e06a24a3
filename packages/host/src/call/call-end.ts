// The end of a call, told to whoever must know: the audit log, then the listeners, then the caller by the metrics. It
// decides nothing of what the call was worth.

import {
  type AuditEvent,
  type BulkheadError,
  type CallContext,
  type CallMetrics,
  type CallSession,
  type RuntimeResult,
  type RuntimeUsage,
  usageOf,
} from '@bulkhead/kernel'
import type { LoadedCopy } from '../plugin/loaded-copy.ts'
import { generationOf, isCrash } from '../plugin/plugin-supervision.ts'
import type { World } from '../plugin/world.ts'
import type { CallClock } from './call-clock.ts'

/** The call that ends. */
export interface EndingCall {
  readonly copy: Pick<LoadedCopy, 'stopping' | 'latestStart'>
  readonly request: { readonly plugin: string; readonly action: string; readonly loadMs: number }
  readonly context: CallContext
  readonly clock: CallClock
  readonly session: CallSession
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** See the file's head. */
export class CallEnd {
  readonly #world: Pick<World, 'audit' | 'clock' | 'events'>
  readonly #call: EndingCall
  #usage: RuntimeUsage | undefined
  #output: RuntimeResult['output'] | undefined

  constructor(world: Pick<World, 'audit' | 'clock' | 'events'>, call: EndingCall) {
    this.#world = world
    this.#call = call
  }

  /** What a call used that fails. */
  reported(usage: RuntimeUsage): void {
    this.#usage = usage
  }

  returned(result: RuntimeResult): void {
    this.#usage = result
    this.#output = result.output
  }

  /**
   * Records the end and tells of it; waits only where the log does.
   * @throws BulkheadError `audit.unavailable`, but not of a call that failed: it has its own error to tell
   */
  tell(error: BulkheadError | undefined): CallMetrics | Promise<CallMetrics> {
    const end: End = { error, crashed: error !== undefined && isCrash(error) && !this.#call.copy.stopping }
    const { audit, clock } = this.#world
    const nowMs = clock.monotonic()
    const metrics = this.#metrics(nowMs)
    const event = this.#event(end, metrics)
    try {
      if (audit.note?.(event, nowMs) !== undefined) return this.#announce(end, metrics)
    } catch (thrown) {
      if (error === undefined) throw thrown
      return this.#announce(end, metrics)
    }
    return this.#recordThenAnnounce(event, end, metrics)
  }

  async #recordThenAnnounce(event: AuditEvent, end: End, metrics: CallMetrics): Promise<CallMetrics> {
    try {
      await this.#world.audit.append(event, 'lazy')
    } catch (thrown) {
      if (end.error === undefined) throw thrown
    }
    return this.#announce(end, metrics)
  }

  #announce({ error }: End, metrics: CallMetrics): CallMetrics {
    const { plugin: id, action } = this.#call.request
    const { events } = this.#world
    if (events.heard('call:end')) events.emit('call:end', { id, action, ok: error === undefined, metrics })
    return metrics
  }

  /** What was not measured, or not used, is absent. */
  #metrics(nowMs: number): CallMetrics {
    const { request, clock, session, context } = this.#call
    const metrics: Writable<CallMetrics> = {
      loadMs: request.loadMs,
      callMs: nowMs - clock.startedMs,
      hostCalls: session.hostCalls,
    }
    const { cpuMs, memoryBytes, fuelUsed } = this.#usage ?? nothingUsed
    if (cpuMs !== undefined) metrics.cpuMs = cpuMs
    if (memoryBytes !== undefined) metrics.memoryBytes = memoryBytes
    if (fuelUsed !== undefined) metrics.fuelUsed = fuelUsed
    if (this.#output !== undefined) metrics.outputBytes = sizeOf(this.#output)
    if (session.hostCalls === 0) return metrics
    metrics.hostCallMs = clock.hostMs
    return Object.assign(metrics, usageOf(context))
  }

  #event({ error, crashed }: End, metrics: CallMetrics): AuditEvent {
    const { context, request } = this.#call
    const details: Record<string, number> = {
      callMs: Math.round(metrics.callMs * 1000) / 1000,
      hostCalls: metrics.hostCalls,
    }
    if (metrics.cpuMs !== undefined) details['cpuMs'] = metrics.cpuMs
    if (metrics.fuelUsed !== undefined) details['fuelUsed'] = metrics.fuelUsed
    if (crashed && error !== undefined) details['generation'] = generationOf(error) ?? this.#call.copy.latestStart
    const event: Writable<AuditEvent> = {
      type: crashed ? 'plugin_crashed' : 'call_ended',
      result: 'info',
      principal: context.principal.id,
      plugin: request.plugin,
      callId: context.callId,
      action: context.action,
      details,
    }
    if (context.user !== undefined) event.user = context.user
    if (context.workspace !== undefined) event.workspace = context.workspace
    if (error !== undefined) event.why = error.code
    return event
  }
}

interface End {
  readonly error: BulkheadError | undefined
  readonly crashed: boolean
}

const nothingUsed: RuntimeUsage = {}

const sizeOf = (output: RuntimeResult['output']): number => {
  if (output.kind === 'raw') return output.bytes.length
  const { json, blobs } = output.payload
  return blobs === undefined ? json.length : blobs.reduce((sum, blob) => sum + blob.length, json.length)
}
