// Runs in each fresh engine before the plugin: lays the globals, makes `host`, finds actions and calls them. It holds
// no authority of its own: everything leads through the bridge to the host's gate.

import type { PluginContext } from '../../../sdk/src/context.ts'
import { type HostBridge, makeContext, makeHost } from '../../../sdk/src/host.ts'
import type { Bridge, Level, Settings } from './bridge.ts'
import { describeFailure, makeHostError } from './failure.ts'
import { defineGlobal, installGlobals } from './globals.ts'
import { formatValues } from './inspect.ts'
import { pack, unpack } from './payload.ts'
import { makeTimers } from './timers.ts'

type Run = (input: unknown, context: PluginContext) => unknown

/** A plugin as `definePlugin` makes it. */
interface PluginShape {
  readonly bulkhead: 1
  readonly actions: Readonly<Record<string, Readonly<Record<string, unknown>> & { invoke: Run }>>
}

/** Starts the prelude; the result is what the driver calls. */
export const boot = (bridge: Bridge, settingsText: string) => {
  const settings = JSON.parse(settingsText) as Settings
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void; at?: string }
  >()
  let lastId = 0

  const call = (name: string, input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { json, buffers } = pack(input)
      const id = ++lastId
      const at = new Error().stack
      waiting.set(id, { resolve, reject, ...(at === undefined ? {} : { at }) })
      bridge.send(id, String(name), json, ...buffers)
    })

  const level =
    (name: Level) =>
    (...values: readonly unknown[]): void =>
      bridge.log(name, formatValues(values))
  const log = {
    trace: level('trace'),
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  }
  const hostBridge: HostBridge = { call, log, ...settings, config: Object.freeze(settings.config) }
  const host = makeHost(hostBridge)
  const timers = makeTimers(bridge)
  installGlobals(bridge, log)
  for (const [name, value] of Object.entries(timers.globals)) defineGlobal(name, value)
  Object.defineProperty(globalThis, 'host', { value: host, enumerable: true })

  const finish = (value: unknown): void => {
    const { json, buffers } = pack(value)
    bridge.finish('ok', json, ...buffers)
  }
  const fail = (thrown: unknown): void => bridge.finish('fail', describeFailure(thrown))

  return {
    describeFailure,
    /** JSON: action name → what the plugin says of it. */
    describe: (namespace: Record<string, unknown>): string => {
      const plugin = asPlugin(namespace)
      if (plugin === undefined)
        return JSON.stringify(Object.fromEntries(functionNames(namespace).map((name) => [name, {}])))
      return JSON.stringify(
        Object.fromEntries(
          Object.entries(plugin.actions).map(([name, { description, input, output, risk, timeoutMs }]) => [
            name,
            { description, input, output, risk, timeoutMs },
          ]),
        ),
      )
    },
    /** Starts an action; its end is told through `finish`. False: there is no such action. */
    invoke: (namespace: Record<string, unknown>, action: string, json: string, ...buffers: ArrayBuffer[]): boolean => {
      const run = findAction(namespace, action)
      if (run === undefined) return false
      const context = makeContext(host, hostBridge, action)
      const start = async (): Promise<void> => finish(await run(unpack(json, buffers), context))
      start().catch(fail)
      return true
    },
    /** Answers a host call. */
    settle: (id: number, ok: boolean, json: string, ...buffers: ArrayBuffer[]): void => {
      const waiter = waiting.get(id)
      waiting.delete(id)
      if (waiter === undefined) return
      if (ok) waiter.resolve(unpack(json, buffers))
      else waiter.reject(makeHostError(json, waiter.at))
    },
    fire: timers.fire,
  }
}

const asPlugin = (namespace: Record<string, unknown>): PluginShape | undefined => {
  const candidate = namespace['default'] as Partial<PluginShape> | null | undefined
  return typeof candidate === 'object' && candidate !== null && candidate.bulkhead === 1
    ? (candidate as PluginShape)
    : undefined
}

const isClass = (value: object): boolean => Function.prototype.toString.call(value).startsWith('class')

const functionNames = (namespace: Record<string, unknown>): string[] =>
  Object.keys(namespace).filter((name) => {
    const value = namespace[name]
    return typeof value === 'function' && !isClass(value)
  })

const findAction = (namespace: Record<string, unknown>, name: string): Run | undefined => {
  const plugin = asPlugin(namespace)
  if (plugin !== undefined) {
    const action = Object.hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined
    return action === undefined ? undefined : (input, context) => action.invoke(input, context)
  }
  return functionNames(namespace).includes(name) ? (namespace[name] as Run) : undefined
}
