// What the kernel needs from the outside, as interfaces. Edges (files ending in -node.ts) implement them.

/** Wall-clock and monotonic time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds on a clock that never goes back. */
  monotonic(): number
  /** Calls back after `ms`; the handle cancels. The timer never keeps a process alive. */
  after(ms: number, run: () => void): Disposable
}

/** Randomness and hashing. */
export interface Crypto {
  /** A fresh identifier, 128 random bits, lowercase base-36 or hex: `[a-z0-9]{16,32}`. */
  newId(): string
  /** SHA-256 in lowercase hex. */
  sha256(data: string | Uint8Array): string
}

/** Receives what plugins and the runtime log. */
export interface LogSink {
  write(entry: LogEntry): void
}

/** Severity, in rising order. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** One log line. `message` may come from a plugin: escape it before it reaches a terminal. */
export interface LogEntry {
  readonly time: number
  readonly level: LogLevel
  readonly plugin?: string
  readonly callId?: string
  readonly message: string
}

/** What principals took of a day's quota (UTC), bytes, over all calls and processes of one state folder. */
export interface DailyLedger {
  /** Takes up to `bytes` out of the day's quota. @returns how many there were, 0 when it is used up */
  take(
    principal: string,
    bytes: number,
    options: { readonly quota: number; readonly signal: AbortSignal },
  ): Promise<number>
  /** Returns what was taken and not used. */
  giveBack(principal: string, bytes: number): Promise<void>
}
