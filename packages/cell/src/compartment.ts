// Where a cell program runs: a worker thread, or the host's own thread. One file per boundary would be two lines each;
// the jail will bring its own. Keeps count of what is open, so that tests can see leaks.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Channel } from './channel.ts'
import { makeInlineChannel } from './channel-inline.ts'
import { makePortChannel } from './channel-thread.ts'
import { runProgram } from './program.ts'
import { moduleBeside, startThread } from './thread.ts'

/** A running cell program. */
export interface Compartment {
  readonly channel: Channel
  /** Calls back when it dies of itself; never after {@link terminate}. */
  onDeath(died: (error: BulkheadError) => void): void
  /** While held, it keeps the process alive. */
  hold(held: boolean): void
  /** Ends it, whatever it is doing (a guest in the host's own thread cannot be interrupted, only abandoned). */
  terminate(): Promise<void>
}

let open = 0

/** Compartments that are open in this process. */
export const openCompartments = (): number => open

/** JavaScript heap of a cell's thread. Guests' linear memory is bounded by the meter, not by this. */
const threadLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, codeRangeSizeMb: 256, stackSizeMb: 4 }

const openThread = (name: string): Compartment => {
  const worker = startThread({
    url: moduleBeside(import.meta.url, 'thread-entry'),
    name: `cell ${name}`,
    resourceLimits: threadLimits,
  })
  open++
  worker.unref()
  let died: ((error: BulkheadError) => void) | undefined
  let cause: unknown
  let ended = false
  worker.on('error', (error: unknown) => {
    cause = error
  })
  worker.on('exit', () => {
    if (ended) return
    ended = true
    open--
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    died?.(new BulkheadError('plugin.crashed', `the thread that ran ${name} died${why}`, { cause }))
  })
  const channel = makePortChannel(worker)
  return {
    channel,
    onDeath: (callback) => {
      died = callback
    },
    hold: (held) => {
      if (held) worker.ref()
      else worker.unref()
    },
    terminate: async () => {
      channel.close()
      if (ended) return
      ended = true
      try {
        await worker.terminate()
      } finally {
        open--
      }
    },
  }
}

const openInline = (): Compartment => {
  const [channel, far] = makeInlineChannel()
  open++
  runProgram(far)
  let ended = false
  return {
    channel,
    onDeath: () => undefined,
    hold: () => undefined,
    terminate: () => {
      channel.close()
      if (!ended) open--
      ended = true
      return Promise.resolve()
    },
  }
}

/** Starts a cell program. */
export const openCompartment = (boundary: 'inline' | 'thread', name: string): Compartment =>
  boundary === 'inline' ? openInline() : openThread(name)
