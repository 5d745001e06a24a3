// A channel inside one thread, for the boundary `inline`. It delivers in a later turn of the event loop, never at
// once: a guest that makes host calls without end must not keep timers and cancellations of the host from running.

import type { Channel } from './channel.ts'

/** Makes both ends of a channel. Closing one end closes the other. */
export const makeInlineChannel = (): readonly [Channel, Channel] => {
  const state = { closed: false }
  const receivers: [((message: unknown) => void) | undefined, ((message: unknown) => void) | undefined] = [
    undefined,
    undefined,
  ]
  const end = (own: 0 | 1): Channel => ({
    send: (message) => {
      if (state.closed) return
      setImmediate(() => {
        if (!state.closed) receivers[own === 0 ? 1 : 0]?.(message)
      })
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
