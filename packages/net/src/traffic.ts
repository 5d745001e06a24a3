// Counts what one exchange sends and receives against the call's limit and the plugin's of the day. Bytes are those of
// HTTP messages as they travel (packed, heads included); what TLS and TCP add is not seen here.

import { addUsage, BulkheadError, type CallContext, type DailyLedger } from '@bulkhead/kernel'

/** What principals sent and received today. */
export type TrafficLedger = DailyLedger

/** The least that is taken from the ledger at once: each time is a write to disk. */
const leaseBytes = 256 * 1024

/** One exchange's account. Disposing returns what it took and did not use. */
export class Traffic implements AsyncDisposable {
  readonly #call: CallContext
  readonly #ledger: TrafficLedger
  readonly #signal: AbortSignal
  #lease = 0

  constructor(call: CallContext, ledger: TrafficLedger, signal: AbortSignal) {
    this.#call = call
    this.#ledger = ledger
    this.#signal = signal
  }

  /** Before anything is sent: what is refused is not counted. @throws BulkheadError `limit.network`, `limit.network-daily` */
  async send(bytes: number): Promise<void> {
    try {
      if (addUsage(this.#call, 'networkBytes', bytes) > this.#call.limits.networkBytes) throw this.#tooMuch()
      if (!(await this.#holdDaily(bytes))) throw this.#tooMuchToday()
      this.#lease = Math.max(0, this.#lease - bytes)
    } catch (thrown) {
      addUsage(this.#call, 'networkBytes', -bytes)
      throw thrown
    }
  }

  /** After something came: it is counted in any case. @throws as {@link send}: then no more may be read */
  async receive(bytes: number): Promise<void> {
    const sum = addUsage(this.#call, 'networkBytes', bytes)
    const held = await this.#holdDaily(bytes)
    // What was left of the day is gone when more than that came: given back, it would let the same come again and again.
    this.#lease = Math.max(0, this.#lease - bytes)
    if (!held) throw this.#tooMuchToday()
    if (sum > this.#call.limits.networkBytes) throw this.#tooMuch()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#lease
    this.#lease = 0
    // What cannot be returned is lost to the plugin, never to the limit.
    if (left > 0) await this.#ledger.giveBack(this.#call.principal.id, left).catch(() => {})
  }

  /** Takes from the day's quota until at least so many bytes are held. False: there are not so many. */
  async #holdDaily(bytes: number): Promise<boolean> {
    const { principal, limits } = this.#call
    const quota = limits.networkDailyBytes
    if (quota === undefined) return true
    if (this.#lease < bytes) {
      // Close to the end, exchanges that run at once must not starve each other with what they only hold.
      const wanted = Math.max(bytes - this.#lease, Math.min(leaseBytes, Math.floor(quota / 64)))
      this.#lease += await this.#ledger.take(principal.id, wanted, { quota, signal: this.#signal })
    }
    return this.#lease >= bytes
  }

  #tooMuchToday(): BulkheadError {
    const { principal, limits } = this.#call
    return new BulkheadError(
      'limit.network-daily',
      `${principal.name} used up the ${limits.networkDailyBytes} bytes that it may send and receive today`,
      { details: { limitBytes: limits.networkDailyBytes ?? 0 } },
    )
  }

  #tooMuch(): BulkheadError {
    const { principal, limits } = this.#call
    return new BulkheadError(
      'limit.network',
      `${principal.name} sends and receives more than ${limits.networkBytes} bytes over the network in one call`,
      { details: { limitBytes: limits.networkBytes } },
    )
  }
}

/** About what a message's head takes: its first line, and each field with a colon, a space and a line break. */
export const headBytes = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): number => {
  let length = 20
  for (const [name, value = ''] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : value) length += name.length + one.length + 4
  }
  return length
}

/** A ledger for as long as the process lives, where none is kept. Days are those of UTC. */
export const makeMemoryLedger = (now: () => number = Date.now): TrafficLedger => {
  let day = -1
  const used = new Map<string, number>()
  const today = (): void => {
    const current = Math.floor(now() / 86_400_000)
    if (current <= day) return
    day = current
    used.clear()
  }
  return {
    take: (principal, bytes, { quota }) => {
      today()
      const before = used.get(principal) ?? 0
      const granted = Math.max(0, Math.min(bytes, quota - before))
      used.set(principal, before + granted)
      return Promise.resolve(granted)
    },
    giveBack: (principal, bytes) => {
      today()
      used.set(principal, Math.max(0, (used.get(principal) ?? 0) - bytes))
      return Promise.resolve()
    },
  }
}
