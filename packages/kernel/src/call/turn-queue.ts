// Bounds how many pieces of work one owner has under way, so that a flood of host calls from one plugin does not use up
// what all share (descriptors, sockets). It orders; it refuses nothing.

/** Turns, counted for each key. */
export interface TurnQueue {
  /** Waits for a turn; dispose it to let the next one begin. Rejects with the signal's reason when it aborts. */
  take(key: string, signal: AbortSignal): Promise<Disposable>
}

interface Lane {
  running: number
  readonly waiting: Set<() => void>
}

/** Makes a queue that lets `atOnce` pieces of work of one key run at a time, first come first served. */
export const makeTurnQueue = (atOnce: number): TurnQueue => {
  const lanes = new Map<string, Lane>()

  const end = (key: string, lane: Lane): void => {
    const [next] = lane.waiting
    // The turn goes straight to the next in line, so `running` stays as it is.
    if (next !== undefined) next()
    else if (--lane.running === 0) lanes.delete(key)
  }

  const turn = (key: string, lane: Lane): Disposable => {
    let ended = false
    return {
      [Symbol.dispose]: () => {
        if (!ended) end(key, lane)
        ended = true
      },
    }
  }

  return {
    take: (key, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const lane = lanes.get(key) ?? { running: 0, waiting: new Set() }
        lanes.set(key, lane)
        if (lane.running < atOnce) {
          lane.running++
          resolve(turn(key, lane))
          return
        }
        const abort = (): void => {
          lane.waiting.delete(begin)
          reject(signal.reason instanceof Error ? signal.reason : new Error('the wait was aborted'))
        }
        const begin = (): void => {
          lane.waiting.delete(begin)
          signal.removeEventListener('abort', abort)
          resolve(turn(key, lane))
        }
        lane.waiting.add(begin)
        signal.addEventListener('abort', abort, { once: true })
      }),
  }
}
