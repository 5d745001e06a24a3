// A worker thread that runs the cell program, seen from the host. A jailed process is another (jail/jail.ts).

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Channel } from './channel.ts'
import { makeRingPair } from './channel-ring.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { countOpen } from './compartment-count.ts'
import { moduleBeside, startThread } from './thread.ts'
import type { ThreadData } from './thread-entry.ts'
import { openTickerPlace } from './ticker.ts'

/** A running cell program behind a wire. */
export interface Compartment {
  readonly channel: Channel
  /** Changes with each of its turns: while it does, the program is not stuck. */
  readonly pulse: number
  /** Calls back when it dies of itself; never after {@link terminate}. */
  onDeath(died: (error: BulkheadError) => void): void
  /** While held, it keeps the process alive. */
  hold(held: boolean): void
  /** Ends it, whatever it is doing. */
  terminate(): Promise<void>
}

/** What a compartment is started with. */
export interface CompartmentOptions {
  /** For messages. */
  readonly name: string
  /** Where rewritten modules are kept beyond the process; absent: nowhere. */
  readonly cache?: CodeCachePaths | undefined
}

/** JavaScript heap of a cell's thread. Guests' linear memory is bounded by the meter, not by this. */
const threadLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, codeRangeSizeMb: 256, stackSizeMb: 4 }

/** Starts a cell program on a thread of its own. */
export const openCompartment = ({ name, cache }: CompartmentOptions): Compartment => {
  const wire = makeRingPair()
  const resources = new DisposableStack()
  const place = resources.use(openTickerPlace())
  resources.use(countOpen())
  const data: ThreadData = { ends: wire.far, ticker: place.control, cache }
  const worker = startThread({
    url: moduleBeside(import.meta.url, 'thread-entry'),
    name,
    workerData: data,
    transferList: wire.transferList,
    resourceLimits: threadLimits,
  })
  worker.unref()
  let died: ((error: BulkheadError) => void) | undefined
  let cause: unknown
  let ended = false
  worker.once('message', (words: Int32Array) => place.watch(words))
  worker.on('error', (error: unknown) => {
    cause = error
  })
  worker.on('exit', () => {
    if (ended) return
    ended = true
    resources.dispose()
    wire.near.close()
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    died?.(new BulkheadError('plugin.crashed', `the thread of ${name} died${why}`, { cause }))
  })
  return {
    channel: wire.near,
    get pulse() {
      return wire.near.pulse
    },
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
        resources.dispose()
      }
    },
  }
}
