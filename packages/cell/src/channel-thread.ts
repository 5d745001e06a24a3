// A channel over a message port, used by both ends of the boundary `thread`.

import type { Channel } from './channel.ts'

/** What of a worker (seen from the host) or a message port (seen from the worker) is used here. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}

/** Makes a channel out of a worker (seen from the host) or of the parent port (seen from the worker). */
export const makePortChannel = (port: Port): Channel => {
  let closed = false
  return {
    send: (message) => {
      if (!closed) port.postMessage(message)
    },
    onMessage: (receive) => {
      port.on('message', (message: unknown) => {
        if (!closed) receive(message)
      })
    },
    close: () => {
      closed = true
    },
  }
}
