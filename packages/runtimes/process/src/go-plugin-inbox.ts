// The messages of a channel plugin, one after the other. The stream is opened once and kept, so that none is lost between two
// calls: one that was read and not handed on waits here, and the rest waits in the plugin.

import { type Connection, type InboundMessage, receiveMessages } from '@bulkhead/go-plugin'
import { clock } from './clock-node.ts'

/** How long a message may be waited for. */
export interface InboxWait {
  readonly waitMs: number
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal
}

/** See the file's head. */
export interface Inbox {
  /**
   * The next message; nothing when none came in time, or the plugin ended its stream.
   * @throws BulkheadError as {@link receiveMessages}; the signal's reason
   */
  next(wait: InboxWait): Promise<InboundMessage | undefined>
  /** Gives back the last one; it is the next again. */
  putBack(message: InboundMessage): void
}

/** What a message that is there is given to arrive, ms; with less none would ever be seen. */
const leastWaitMs = 20

/** Makes the inbox of one process; nothing is read before the first is asked for. One call at a time may wait. */
export const makeInbox = (connection: Connection): Inbox => {
  let stream: AsyncGenerator<InboundMessage, void, undefined> | undefined
  let pending: Promise<IteratorResult<InboundMessage, void>> | undefined
  let held: InboundMessage | undefined

  const read = (): Promise<IteratorResult<InboundMessage, void>> => {
    stream ??= receiveMessages(connection)
    const arriving = stream.next()
    // The plugin may end while nobody waits.
    arriving.catch(() => undefined)
    return arriving
  }

  return {
    putBack: (message) => {
      held = message
    },
    next: async ({ waitMs, signal }) => {
      if (held !== undefined) {
        const message = held
        held = undefined
        return message
      }
      signal.throwIfAborted()
      pending ??= read()
      const { promise: given, resolve: give, reject: end } = Promise.withResolvers<undefined>()
      using _timer = clock.after(Math.max(waitMs, leastWaitMs), () => give(undefined))
      const abort = (): void => end(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      try {
        const arrived = await Promise.race([pending, given])
        if (arrived === undefined) return undefined
        pending = undefined
        if (arrived.done !== true) return arrived.value
        stream = undefined
        return undefined
      } catch (thrown) {
        // A stream that failed is over; one that is waited for no longer goes on.
        if (!signal.aborted) pending = stream = undefined
        throw thrown
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
  }
}
