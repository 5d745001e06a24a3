// Reads the one line with which a plugin introduces itself, and not a byte more than its bounds. What it means is for
// `handshake.ts` to say.

import type { Readable } from 'node:stream'
import { asBulkheadError, BulkheadError, escapeLine } from '@bulkhead/kernel'

const lineFeed = 0x0a

/** Bounds of {@link readFirstLine}. */
export interface FirstLineOptions {
  readonly maxBytes: number
  /** Gives up; the error is the signal's reason. */
  readonly signal: AbortSignal
}

/**
 * Reads the first line of a stream, without its end. What follows stays in the stream, which is left paused.
 *
 * @throws BulkheadError `protocol.handshake` when the line is too long or the stream ends before it does;
 * what the signal was aborted with, or `call.cancelled`
 */
export const readFirstLine = (stream: Readable, { maxBytes, signal }: FirstLineOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0

    const finish = (act: () => void): void => {
      stream.off('data', read).off('end', end).off('close', end).off('error', end)
      signal.removeEventListener('abort', abort)
      stream.pause()
      act()
    }
    const said = (): string => escapeLine(Buffer.concat(parts).toString('utf8'), 200)
    const refuse = (why: string): void =>
      finish(() => reject(new BulkheadError('protocol.handshake', `${why}; it wrote: ${said() || 'nothing'}`)))

    const read = (chunk: Buffer): void => {
      const at = chunk.indexOf(lineFeed)
      const taken = at === -1 ? chunk : chunk.subarray(0, at)
      // Kept only as far as the bound, whatever the size of a chunk.
      parts.push(taken.subarray(0, maxBytes - length))
      length += taken.length
      if (length > maxBytes) return refuse(`the plugin's first line is longer than ${maxBytes} bytes`)
      if (at === -1) return
      finish(() => {
        if (at + 1 < chunk.length) stream.unshift(chunk.subarray(at + 1))
        resolve(Buffer.concat(parts).toString('latin1'))
      })
    }
    const end = (): void => refuse('the plugin ended its output before its handshake')
    const abort = (): void => finish(() => reject(asBulkheadError(signal.reason, 'call.cancelled')))

    if (signal.aborted) return abort()
    if (stream.readableEnded || stream.destroyed) return end()
    signal.addEventListener('abort', abort, { once: true })
    stream.on('data', read).on('end', end).on('close', end).on('error', end)
  })
