// Reads a response body up to a cap that holds for what came over the wire and for what it unpacks to, so that a
// decompression bomb costs its sender more than it costs us.

import { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { BulkheadError } from '@bulkhead/kernel'
import { JoinedBytes } from '@bulkhead/net'

/** How to read. */
export interface ReadBodyOptions {
  readonly maxBytes: number
  /** The response's `content-encoding`, if any. */
  readonly encoding: string | undefined
  /** For messages: what was asked for. */
  readonly what: string
  /** Told of every piece as it came over the wire, before it is unpacked; what it throws ends the reading. */
  received(bytes: number): Promise<void>
}

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** Whether a coding is undone here. Several codings in a row, and unknown ones, are handed on as they came. */
export const isDecoded = (encoding: string | undefined): encoding is string =>
  encoding !== undefined && Object.hasOwn(decoders, encoding.trim().toLowerCase())

/** @throws BulkheadError `limit.http-response`; whatever the stream or `received` fails with */
export const readBody = async (body: Readable, options: ReadBodyOptions): Promise<Uint8Array> => {
  const { maxBytes, encoding, what } = options
  const tooLarge = (): BulkheadError =>
    new BulkheadError('limit.http-response', `the response to ${what} is larger than ${maxBytes} bytes`)
  let received = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      received += chunk.byteLength
      if (received > maxBytes) throw tooLarge()
      await options.received(chunk.byteLength)
      yield chunk
    }
  }
  const decoder = isDecoded(encoding) ? decoders[encoding.trim().toLowerCase()]?.() : undefined
  try {
    if (decoder === undefined) return await collect(counted(), maxBytes, tooLarge)
    const packed = Readable.from(counted(), { objectMode: false })
    packed.on('error', (error) => decoder.destroy(error))
    packed.pipe(decoder)
    return await collect(decoder, maxBytes, tooLarge)
  } catch (error) {
    // Nothing, packed by a server that packs everything, is nothing; zlib calls it cut off.
    if (decoder !== undefined && received === 0 && body.readableEnded) return new Uint8Array(0)
    throw error
  } finally {
    decoder?.destroy()
    // After a clean end this does nothing; otherwise the connection is closed instead of being reused half-read.
    if (!body.readableEnded) body.on('error', () => {}).destroy()
  }
}

/** Reads what is left of a body, up to 16 KiB; beyond that, and on any fault, the connection is closed instead. */
export const readOff = async (body: Readable, received: ReadBodyOptions['received']): Promise<void> => {
  let length = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength
      await received(chunk.byteLength)
      if (length > 16 * 1024) break
    }
  } catch {
    // A limit that was passed stops the next hop; a connection that broke is not reused.
  }
}

const collect = async (
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLarge: () => BulkheadError,
): Promise<Uint8Array> => {
  const whole = new JoinedBytes()
  for await (const chunk of stream) {
    if (whole.length + chunk.byteLength > maxBytes) throw tooLarge()
    whole.append(chunk)
  }
  return whole.take()
}
