// A channel inside one thread, for the boundary `inline`. It delivers soon, but lets the event loop turn when the
// two ends keep each other busy: a guest that makes host calls without end must not keep timers and cancellations of the
// host from running.

import type { Channel } from './channel.ts'

/** How long messages may follow each other without a turn of the event loop, ms. */
const longestTurnMs = 1

/** Makes both ends of a channel. Closing one end closes the other. */
export const makeInlineChannel = (): readonly [Channel, Channel] => {
  const state = { closed: false }
  const receivers: [((message: unknown) => void) | undefined, ((message: unknown) => void) | undefined] = [
    undefined,
    undefined,
  ]
  const queue: { to: 0 | 1; message: unknown }[] = []
  let isScheduled = false
  let turnBeganMs = Number.NEGATIVE_INFINITY
  let turnIsKnown = false

  const deliver = (): void => {
    isScheduled = false
    for (const { to, message } of queue.splice(0)) if (!state.closed) receivers[to]?.(message)
  }
  const schedule = (): void => {
    if (isScheduled) return
    isScheduled = true
    if (!turnIsKnown) {
      turnIsKnown = true
      turnBeganMs = performance.now()
      setImmediate(() => {
        turnIsKnown = false
      })
    }
    if (performance.now() - turnBeganMs > longestTurnMs) setImmediate(deliver)
    else queueMicrotask(deliver)
  }
  const end = (own: 0 | 1): Channel => ({
    send: (message) => {
      if (state.closed) return
      queue.push({ to: own === 0 ? 1 : 0, message })
      schedule()
    },
    onMessage: (receive) => {
      receivers[own] = receive
    },
    close: () => {
      state.closed = true
    },
  })
  return [end(0), end(1)]
}
