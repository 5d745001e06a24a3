// Where a cell program runs: a worker thread, or the host's own thread. One file per boundary would be two lines each;
// the jail will bring its own. Keeps count of what is open, so that tests can see leaks.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Channel } from './channel.ts'
import { makeInlineChannel } from './channel-inline.ts'
import { makeRingPair } from './channel-ring.ts'
import { openCacheAt } from './cache-place.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { runProgram } from './program.ts'
import { makeRegisters } from './registers.ts'
import { Scheduler } from './scheduler.ts'
import { moduleBeside, startThread } from './thread.ts'
import type { ThreadData } from './thread-entry.ts'
import { openTickerPlace, type TickerPlace } from './ticker.ts'
import { wakeTicker } from './ticker-words.ts'
import { eventLoopTimers } from './timers.ts'

/** A running cell program. */
export interface Compartment {
  readonly channel: Channel
  /** Calls back when it dies of itself; never after {@link terminate}. */
  onDeath(died: (error: BulkheadError) => void): void
  /** While held, it keeps the process alive. */
  hold(held: boolean): void
  /** Ends it, whatever it is doing (a guest in the host's own thread cannot be killed, only abandoned). */
  terminate(): Promise<void>
}

let open = 0

/** Compartments that are open in this process. */
export const openCompartments = (): number => open

/** JavaScript heap of a cell's thread. Guests' linear memory is bounded by the meter, not by this. */
const threadLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, codeRangeSizeMb: 256, stackSizeMb: 4 }

const openThread = (name: string, cache: CodeCachePaths | undefined): Compartment => {
  const wire = makeRingPair()
  let place: TickerPlace | undefined = openTickerPlace()
  const data: ThreadData = { ends: wire.far, ticker: place.control, cache }
  const worker = startThread({
    url: moduleBeside(import.meta.url, 'thread-entry'),
    name,
    workerData: data,
    transferList: wire.transferList,
    resourceLimits: threadLimits,
  })
  open++
  worker.unref()
  let died: ((error: BulkheadError) => void) | undefined
  let cause: unknown
  let ended = false
  const leave = (): void => {
    place?.[Symbol.dispose]()
    place = undefined
    open--
  }
  worker.once('message', (words: Int32Array) => place?.watch(words))
  worker.on('error', (error: unknown) => {
    cause = error
  })
  worker.on('exit', () => {
    if (ended) return
    ended = true
    leave()
    wire.near.close()
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    died?.(new BulkheadError('plugin.crashed', `the thread of ${name} died${why}`, { cause }))
  })
  return {
    channel: wire.near,
    onDeath: (callback) => {
      died = callback
    },
    hold: (held) => {
      if (held) worker.ref()
      else worker.unref()
    },
    terminate: async () => {
      wire.near.close()
      if (ended) return
      ended = true
      try {
        await worker.terminate()
      } finally {
        leave()
      }
    },
  }
}

const openInline = (cachePaths: CodeCachePaths | undefined): Compartment => {
  const [channel, far] = makeInlineChannel()
  const registers = makeRegisters()
  const place = openTickerPlace()
  place.watch(registers.words)
  const scheduler = new Scheduler(registers, {
    // The host's own work is not seen from here: a guest that runs long always lets the event loop turn.
    isWanted: () => true,
    nextTurn: (run) => void setImmediate(run),
  })
  scheduler.waker = () => wakeTicker(place.control)
  open++
  const cache = openCacheAt(cachePaths)
  const program = runProgram(far, {
    registers,
    scheduler,
    timers: eventLoopTimers,
    noteDiscarded: () => undefined,
    cache,
  })
  let ended = false
  return {
    channel,
    onDeath: () => undefined,
    hold: () => undefined,
    terminate: () => {
      channel.close()
      if (!ended) {
        open--
        place[Symbol.dispose]()
        program.abandon()
        cache?.[Symbol.dispose]()
      }
      ended = true
      return Promise.resolve()
    },
  }
}

/** What a cell program is started with. */
export interface CompartmentOptions {
  readonly boundary: 'inline' | 'thread'
  /** For messages. */
  readonly name: string
  /** Where rewritten modules are kept beyond the process; absent: nowhere. */
  readonly cache?: CodeCachePaths | undefined
}

/** Starts a cell program. */
export const openCompartment = ({ boundary, name, cache }: CompartmentOptions): Compartment =>
  boundary === 'inline' ? openInline(cache) : openThread(name, cache)
