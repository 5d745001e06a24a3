// Any pair of streams as the two Node streams that a peer works on.

import { Readable, Writable } from 'node:stream'
import type { ReadableStream, WritableStream } from 'node:stream/web'

/** What a peer writes to us, and what we write to it. The peer that is opened on them owns and ends them. */
export interface StreamPair {
  readonly readable: Readable | ReadableStream<Uint8Array>
  readonly writable: Writable | WritableStream<Uint8Array>
}

/** Web streams are wrapped, Node's are taken as they are. */
export const nodeStreams = ({ readable, writable }: StreamPair): { readable: Readable; writable: Writable } => ({
  readable: 'getReader' in readable ? Readable.fromWeb(readable) : readable,
  writable: 'getWriter' in writable ? Writable.fromWeb(writable) : writable,
})
