// What the attacks on the wire protocols are aimed at: a host's side of a plugin, its handshake behind it or not.

import type { BulkheadError } from '@bulkhead/kernel'
import { openProcessPlugin, type ProcessPlugin, type ProcessPluginOptions } from '@bulkhead/protocols'
import { FarEnd, makeHandClock } from './protocol-peer.ts'

const identity = { name: 'mallory', version: '1.0.0' }

/** A plugin whose handshake has begun. */
export const beginTarget = (options: Partial<ProcessPluginOptions> = {}, far = new FarEnd()) => {
  const clock = makeHandClock()
  const lines: string[] = []
  const opening = openProcessPlugin({
    streams: far.streams,
    clock,
    host: { name: 'bulkhead', version: '0.1.0' },
    plugin: identity,
    functions: [],
    handshakeTimeoutMs: 5000,
    log: (level, message) => void lines.push(`${level} ${message}`),
    ...options,
  })
  return { far, clock, lines, opening }
}

/** A plugin whose handshake is over. */
export const openTarget = async (options: Partial<ProcessPluginOptions> = {}) => {
  const { opening, ...rest } = beginTarget(options)
  rest.far.say({ id: (await rest.far.next('initialize')).id, result: { protocolVersion: 1, plugin: identity } })
  return { ...rest, plugin: await opening }
}

/** Calls an action that takes and gives nothing. */
export const callTarget = (plugin: ProcessPlugin, callId = 'call-1', timeoutMs = 1000): Promise<unknown> =>
  plugin.call({
    callId,
    action: 'run',
    input: null,
    timeoutMs,
    dispatch: () => new Promise(() => {}),
    log: () => {},
  })

/** What it rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<BulkheadError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as BulkheadError,
  )
