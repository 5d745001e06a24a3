// Shares the system's resolver fairly: one look-up of an owner at a time, so that a plugin that asks for slow names
// delays itself and nobody else. It resolves nothing itself.

import { asBulkheadError } from '@bulkhead/kernel'

/** Runs look-ups in lanes. */
export interface LookupLanes {
  /**
   * Waits for a turn of `owner` and runs. Rejects with the signal's reason when it aborts; one that still waited
   * leaves its lane at once, one that runs keeps its turn until it ends (getaddrinfo cannot be cancelled).
   */
  run<T>(owner: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>
}

interface Waiting {
  start(): void
}

interface Lane {
  busy: boolean
  readonly waiting: Set<Waiting>
}

/** Makes lanes; at most `atOnce` look-ups run over all owners, at most `maxWaiting` of one owner wait. */
export const makeLookupLanes = (atOnce: number, maxWaiting: number): LookupLanes => {
  // In order of turns: an owner whose look-up ended goes to the end.
  const lanes = new Map<string, Lane>()
  let running = 0

  const advance = (): void => {
    for (const lane of lanes.values()) {
      if (running >= atOnce) return
      const [next] = lane.waiting
      if (lane.busy || next === undefined) continue
      lane.waiting.delete(next)
      lane.busy = true
      running++
      next.start()
    }
  }

  const end = (owner: string, lane: Lane): void => {
    running--
    lane.busy = false
    lanes.delete(owner)
    if (lane.waiting.size > 0) lanes.set(owner, lane)
    advance()
  }

  return {
    run: <T>(owner: string, signal: AbortSignal | undefined, work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        signal?.throwIfAborted()
        const lane = lanes.get(owner) ?? { busy: false, waiting: new Set<Waiting>() }
        if (lane.waiting.size >= maxWaiting) {
          throw Object.assign(new Error('too many look-ups wait'), { code: 'EAI_AGAIN' })
        }
        lanes.set(owner, lane)
        const entry: Waiting = {
          start: () => {
            void work()
              .then(resolve, reject)
              .finally(() => {
                signal?.removeEventListener('abort', abort)
                end(owner, lane)
              })
          },
        }
        const abort = (): void => {
          if (lane.waiting.delete(entry) && !lane.busy && lane.waiting.size === 0) lanes.delete(owner)
          reject(asBulkheadError(signal?.reason, 'call.cancelled'))
        }
        signal?.addEventListener('abort', abort, { once: true })
        lane.waiting.add(entry)
        advance()
      }),
  }
}
