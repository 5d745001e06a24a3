// For tests of the wire protocols: a clock that stands still, and the far end of a pair of streams that writes whatever
// bytes a test wants.

import { PassThrough } from 'node:stream'
import type { Clock } from '@bulkhead/kernel'

/** A clock that a test moves. */
export const makeHandClock = (): Clock & { advance(ms: number): void } => {
  let nowMs = 0
  const timers = new Set<{ atMs: number; run: () => void }>()
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run }
      timers.add(timer)
      return { [Symbol.dispose]: () => void timers.delete(timer) }
    },
    advance: (ms) => {
      nowMs += ms
      for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) if (timers.delete(timer)) timer.run()
    },
  }
}

/** The far end of a pair of streams. */
export class FarEnd {
  readonly #toHost = new PassThrough()
  readonly #fromHost = new PassThrough()
  #text = ''
  /** What the peer under test is opened with. */
  readonly streams = { readable: this.#toHost, writable: this.#fromHost }
  /** Each message that came from the peer under test, parsed. */
  readonly received: Record<string, unknown>[] = []

  /** With `reads: false` it never reads. */
  constructor({ reads = true }: { reads?: boolean } = {}) {
    if (reads) this.#fromHost.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#toHost.on('error', () => {})
  }

  /** Writes bytes as they stand. */
  write(bytes: string | Uint8Array): void {
    this.#toHost.write(bytes)
  }

  /** Writes messages, each on its line. */
  say(...messages: readonly object[]): void {
    this.write(messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''))
  }

  /** Ends its output. */
  end(): void {
    this.#toHost.end()
  }

  /** Bytes that the peer under test has not taken. */
  get untakenBytes(): number {
    return this.#toHost.writableLength + this.#toHost.readableLength
  }

  /** The next request or notification with that method that was not handed out before. */
  async next(method: string): Promise<{ id: string; params: Record<string, unknown> }> {
    for (;;) {
      const index = this.received.findIndex((message) => message['method'] === method)
      if (index >= 0) return this.received.splice(index, 1)[0] as { id: string; params: Record<string, unknown> }
      await turn()
    }
  }

  /** The next answer to that id. */
  async answer(id: string | number | null): Promise<{ result?: unknown; error?: { code: number; message: string } }> {
    for (;;) {
      const index = this.received.findIndex((message) => message['method'] === undefined && message['id'] === id)
      if (index >= 0) return this.received.splice(index, 1)[0] as object
      await turn()
    }
  }

  #take(chunk: Buffer): void {
    const lines = (this.#text + chunk.toString('utf8')).split('\n')
    this.#text = lines.pop() ?? ''
    for (const line of lines) this.received.push(JSON.parse(line) as Record<string, unknown>)
  }
}

/** Lets everything that is ready happen. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
