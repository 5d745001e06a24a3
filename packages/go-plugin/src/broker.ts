// The broker: further connections between host and plugin, by number. Either side announces where it listens for a
// number; the other dials. What a plugin announces is held to the rules of its handshake, and its flood of announcements
// is bounded here.

import { randomBytes } from 'node:crypto'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { type AddressRules, parseAddress, socketPathIn } from './address.ts'
import type { ConnectionBounds } from './call.ts'
import { type Connection, openConnection, type Trust } from './connection.ts'
import { serviceDefinition } from './definitions.ts'
import { type OpenedService, openService, type ServedMethods } from './served-service.ts'
import { makeThrottle } from './throttle.ts'

/** Where something listens for a number (message `plugin.ConnInfo`). */
interface Announcement {
  readonly service_id: number
  readonly network: string
  readonly address: string
}

/** The broker of one plugin. Disposing closes all that it opened. */
export interface Broker extends AsyncDisposable {
  /** Aborts when the plugin's end of the broker is closed, or this one; the reason is a BulkheadError. */
  readonly over: AbortSignal
  /** A number that this side has not used yet. */
  nextId(): number
  /**
   * Connects to what the plugin serves under a number; waits up to five seconds for the plugin to say where.
   *
   * @throws BulkheadError `protocol.violation` when it does not, or names a place that it may not name; `plugin.crashed`;
   * what the signal was aborted with
   */
  dial(id: number, signal?: AbortSignal): Promise<Connection>
  /** Serves one service of the published files to the plugin under a number, until it is disposed. */
  accept(id: number, service: string, methods: ServedMethods): Promise<AsyncDisposable>
}

/** What a broker needs of the plugin's main connection. */
export interface BrokerOptions {
  readonly connection: Connection
  readonly rules: AddressRules
  readonly trust: Trust | undefined
  readonly bounds: ConnectionBounds
}

/** Announcements that are kept until somebody dials; go-plugin forgets them after five seconds as well. */
const maxPending = 64
/** Announcements that are read within a second. */
const maxAnnouncementsPerSecond = 1_000
const waitMs = 5_000
const maxId = 0xffff_ffff

/** Opens the broker's stream. */
export const openBroker = ({ connection, rules, trust, bounds }: BrokerOptions): Broker => {
  const { StartStream } = serviceDefinition('plugin.GRPCBroker')
  if (StartStream === undefined) throw new BulkheadError('host.internal', 'the broker has no StartStream')
  const stream = connection.client.makeBidiStreamRequest(
    StartStream.path,
    StartStream.requestSerialize,
    StartStream.responseDeserialize,
  )
  const announced = new Map<number, { readonly announcement: Announcement; readonly forget: NodeJS.Timeout }>()
  const waiting = new Map<number, (announcement: Announcement) => void>()
  const opened = new Set<Disposable | AsyncDisposable>()
  const over = new AbortController()
  let lastId = 0

  const end = (): void => {
    if (over.signal.aborted) return
    for (const { forget } of announced.values()) clearTimeout(forget)
    announced.clear()
    over.abort(new BulkheadError('plugin.crashed', 'the plugin ended its broker'))
  }

  const throttle = makeThrottle(maxAnnouncementsPerSecond)
  stream.on('data', (message: Announcement & { readonly knock: object | null }) => {
    const { service_id: id } = message
    const pauseMs = throttle.take(1)
    if (pauseMs > 0) {
      stream.pause()
      setTimeout(() => stream.resume(), pauseMs).unref()
    }
    // A knock belongs to multiplexing, which was not offered.
    if (over.signal.aborted || message.knock !== null) return
    const take = waiting.get(id)
    if (take !== undefined) return take(message)
    if (announced.size >= maxPending || announced.has(id)) return
    const forget = setTimeout(() => announced.delete(id), waitMs)
    forget.unref()
    announced.set(id, { announcement: message, forget })
  })
  stream.on('error', end)
  stream.on('end', end)

  const takeAnnouncement = (id: number, signal: AbortSignal): Promise<Announcement> => {
    const found = announced.get(id)
    if (found !== undefined) {
      clearTimeout(found.forget)
      announced.delete(id)
      return Promise.resolve(found.announcement)
    }
    if (waiting.has(id)) throw new BulkheadError('usage.invalid', `the broker's number ${id} is being dialled already`)
    const { promise, resolve, reject } = Promise.withResolvers<Announcement>()
    const abort = (): void => reject(asBulkheadError(signal.reason, 'call.cancelled'))
    const late = setTimeout(
      () => reject(new BulkheadError('protocol.violation', `the plugin did not say where its service ${id} is`)),
      waitMs,
    )
    waiting.set(id, resolve)
    signal.addEventListener('abort', abort, { once: true })
    return promise.finally(() => {
      clearTimeout(late)
      waiting.delete(id)
      signal.removeEventListener('abort', abort)
    })
  }

  /** Keeps what was opened until it is disposed by itself or with the broker. */
  const own = <T extends Disposable | AsyncDisposable>(thing: T): T => {
    opened.add(thing)
    return thing
  }

  return {
    over: over.signal,
    nextId: () => {
      lastId = lastId >= maxId ? 1 : lastId + 1
      return lastId
    },
    dial: async (id, signal) => {
      const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
      if (either.aborted) throw asBulkheadError(either.reason, 'call.cancelled')
      const { network, address } = await takeAnnouncement(id, either)
      const dialled = own(openConnection(parseAddress(network, address, rules), trust, bounds))
      return {
        ...dialled,
        [Symbol.dispose]: () => {
          opened.delete(dialled)
          dialled[Symbol.dispose]()
        },
      }
    },
    accept: async (id, service, methods) => {
      if (over.signal.aborted) throw asBulkheadError(over.signal.reason)
      const name = `host-${randomBytes(8).toString('hex')}`
      const served: OpenedService = own(
        await openService({ path: socketPathIn(rules.folder, name), service, methods, trust, bounds }),
      )
      const address = `${rules.folder.inPlugin.replace(/\/+$/, '')}/${name}`
      stream.write({ service_id: id, network: 'unix', address })
      return {
        [Symbol.asyncDispose]: async () => {
          opened.delete(served)
          await served[Symbol.asyncDispose]()
        },
      }
    },
    [Symbol.asyncDispose]: async () => {
      end()
      stream.cancel()
      const open = [...opened]
      opened.clear()
      for (const thing of open)
        if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]()
        else thing[Symbol.dispose]()
    },
  }
}
