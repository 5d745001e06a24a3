// What the host and the cell program talk over. A channel carries plain data (JSON values and byte arrays) in order;
// it may not rely on anything that a byte stream could not carry, for the same program later runs in another process.

import type { Message } from './wire.ts'

/** One end of a connection. Messages arrive in the order in which they were sent. */
export interface Channel {
  /** Sends plain data. After {@link close} it does nothing. */
  send(message: Message): void
  /** Called once, by the owner of this end, before the first message is due. */
  onMessage(receive: (message: unknown) => void): void
  close(): void
}
