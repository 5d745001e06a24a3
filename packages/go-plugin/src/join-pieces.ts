// A message may come in frames of one byte each. grpc-js keeps each frame's bytes as an object of its own until the message is
// whole, which takes two hundred times the message, and has no bound on that: so what it keeps is joined here from time to time.

import { StreamDecoder } from '@grpc/grpc-js/build/src/stream-decoder.js'

/** Pieces that are kept as they came; bulk comes in few. */
const mostLoose = 1024

/** How many pieces at the front of a message are joined ones; the list is a new one for each message. */
const joined = new WeakMap<Uint8Array[], number>()

const joinTail = (pieces: Uint8Array[]): void => {
  const from = joined.get(pieces) ?? 0
  if (pieces.length - from < mostLoose) return
  pieces.push(Buffer.concat(pieces.splice(from)))
  joined.set(pieces, pieces.length)
}

const { write } = StreamDecoder.prototype

/** The pieces of the message that has begun. @throws TypeError when this grpc-js keeps them elsewhere */
export const piecesOf = (decoder: StreamDecoder): Uint8Array[] => {
  const pieces: unknown = Reflect.get(decoder, 'readPartialMessage')
  if (Array.isArray(pieces)) return pieces as Uint8Array[]
  throw new TypeError('this grpc-js keeps the pieces of a message where they are not found')
}

// Of every connection in this process: whoever else uses grpc-js gets the same messages from it.
StreamDecoder.prototype.write = function (data: Buffer): Buffer[] {
  const messages = write.call(this, data)
  joinTail(piecesOf(this))
  return messages
}
