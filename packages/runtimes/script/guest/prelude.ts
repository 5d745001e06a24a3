// Runs in each fresh engine before the plugin: lays the globals, makes `host`, finds actions and calls them. It holds
// no authority of its own: everything leads through the bridge to the host's gate. What it does before `configure` is part
// of a state that all plugins start from, so that it may read neither time nor chance.

import type { PluginContext } from '../../../sdk/src/context.ts'
import { type Host, makeAreas, makeHost } from '../../../sdk/src/host.ts'
import { arrivals, type Bridge, type Level, mailbox, type Settings } from './bridge.ts'
import { describeFailure, makeHostError } from '../../../bundle/guest/failure.ts'
import { defineGlobal, installGlobals } from './globals.ts'
import { formatValues } from '../../../bundle/guest/inspect.ts'
import { pack, unpack } from './payload.ts'
import { describeActions, findAction } from '../../../bundle/guest/plugin-shape.ts'
import { makeTimers } from '../../../bundle/guest/timers.ts'

const { parse } = JSON
const {
  freeze,
  create,
  defineProperties,
  defineProperty,
  getOwnPropertyDescriptors,
  prototype: objectPrototype,
} = Object
const { get: reflectGet } = Reflect

/** Starts the prelude over the bridge and the words of the mailbox; the result is what the driver calls. */
export const boot = (bridge: Bridge, words: ArrayBuffer) => {
  const mail = new Int32Array(words)
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void; at?: string }
  >()
  let lastId = 0
  let namespace: Record<string, unknown> = {}
  let contextFor: (action: string) => PluginContext
  let missed: readonly [string, string] | undefined

  // What an area lacks is undefined, as ever, and noted for the error when it is called.
  const prototypeOf = (area: string): object =>
    new Proxy(objectPrototype, {
      get: (target, name, receiver) => {
        if (typeof name === 'string' && !(name in target)) missed = [area, name]
        return reflectGet(target, name, receiver)
      },
    })
  const describeThrown = (thrown: unknown): string => describeFailure(thrown, missed)

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
  const timers = makeTimers(bridge)
  // Made here, for all plugins: making them takes longer than all else that is done for one.
  const standard = makeAreas(call, prototypeOf)
  installGlobals(bridge, log)
  for (const [name, value] of Object.entries(timers.globals)) defineGlobal(name, value)

  const finish = (value: unknown): void => {
    const { json, buffers } = pack(value)
    bridge.finish(true, json, ...buffers)
  }
  const fail = (thrown: unknown): void => bridge.finish(false, describeThrown(thrown))
  const finishWith = async (result: unknown): Promise<void> => {
    try {
      finish(await result)
    } catch (thrown) {
      fail(thrown)
    }
  }

  const takePayload = (): unknown => {
    const blobs = mail[mailbox.blobs] ?? 0
    const json = bridge.take() as string
    const buffers: ArrayBuffer[] = []
    for (let index = 0; index < blobs; index++) buffers[index] = bridge.take() as ArrayBuffer
    return unpack(json, buffers)
  }

  const settle = (id: number, isWell: boolean): void => {
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (waiter === undefined) return
    if (isWell) waiter.resolve(takePayload())
    else waiter.reject(makeHostError(bridge.take() as string, waiter.at))
  }

  return {
    describeFailure: describeThrown,

    /** Makes `host` for one plugin. */
    configure: (): void => {
      const { areas, functions, hasConfig } = parse(bridge.take() as string) as Settings
      let config: Readonly<Record<string, string>> | undefined = hasConfig ? undefined : freeze({})
      const readConfig = (): Readonly<Record<string, string>> => (config ??= freeze(parse(bridge.draw('config'))))
      const made = makeHost({ call, log, areas, functions, config: {}, prototypeOf }, standard)
      const host = freeze(
        defineProperties(create(prototypeOf('')), {
          ...getOwnPropertyDescriptors(made),
          config: { get: readConfig, enumerable: true },
        }),
      ) as Host
      defineProperty(globalThis, 'host', { value: host, enumerable: true })
      const shared = { log: host.log, call: host.call, ...Object.fromEntries(areas.map((area) => [area, host[area]])) }
      contextFor = (action) =>
        freeze({
          action,
          get config() {
            return readConfig()
          },
          ...shared,
        }) as PluginContext
    },

    /** Takes the module's exports, once it was evaluated. */
    adopt: (exports: Record<string, unknown>): void => {
      namespace = exports
    },

    describe: (): string => describeActions(namespace),

    /** Starts an action; its end is told through `finish`. False: there is no such action. */
    invoke: (): boolean => {
      const action = bridge.take() as string
      const run = findAction(namespace, action)
      if (run === undefined) return false
      try {
        const result = run(takePayload(), contextFor(action))
        if (isThenable(result)) void finishWith(result)
        else finish(result)
      } catch (thrown) {
        fail(thrown)
      }
      return true
    },

    /** Hands out what arrived. */
    deliver: (): void => {
      for (bridge.next(); mail[mailbox.kind] !== arrivals.none; bridge.next()) {
        const kind = mail[mailbox.kind]
        const id = mail[mailbox.id] ?? 0
        try {
          if (kind === arrivals.timer) timers.fire(id)
          else settle(id, kind === arrivals.reply)
        } catch {
          // As an event loop goes on after an uncaught error.
          bridge.log('error', 'a timer or an answer failed in the plugin')
        }
      }
    },
  }
}

const isThenable = (value: unknown): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as { then?: unknown }).then === 'function'
