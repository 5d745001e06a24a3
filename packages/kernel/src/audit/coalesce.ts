// Keeps a flood small without losing a count: each principal has a token bucket, and beyond it decisions of one shape
// are counted and become one record when their window closes. Holds no clock and writes nothing.

import type { AuditEvent } from './record.ts'

/** How much a principal may record singly. */
export interface CoalesceLimits {
  /** Records at once. */
  readonly burst: number
  readonly perSecond: number
  /** How long alike decisions are counted before their count is written, ms. */
  readonly windowMs: number
  /** Different shapes counted apart for one principal; further ones share one count. */
  readonly shapes: number
}

/** Defaults of {@link CoalesceLimits}. */
export const defaultCoalesceLimits: CoalesceLimits = { burst: 200, perSecond: 50, windowMs: 1000, shapes: 32 }

/** A count that became a record. */
export interface CoalescedEvent {
  /** The id that every suppressed append was given. */
  readonly id: string
  readonly event: AuditEvent
}

interface Window {
  readonly id: string
  readonly sample: AuditEvent
  readonly closesAt: number
  readonly mixed: boolean
  count: number
  readonly first: number
  last: number
}

interface Bucket {
  tokens: number
  filledAt: number
  readonly windows: Map<string, Window>
}

/** Now, on both clocks. */
export interface Moment {
  /** Milliseconds since the Unix epoch, for the record. */
  readonly time: number
  /** Monotonic milliseconds, for the bucket. */
  readonly monotonic: number
}

/** Counts what is beyond the bucket. */
export class Coalescer {
  readonly #limits: CoalesceLimits
  readonly #buckets = new Map<string, Bucket>()

  constructor(limits: CoalesceLimits = defaultCoalesceLimits) {
    this.#limits = limits
  }

  /**
   * Takes a token for the event. Beyond the bucket, what can be counted is counted.
   * @returns undefined when the event is to be written singly; else the id of the record that will hold the count
   */
  admit(event: AuditEvent, urgency: 'flush' | 'lazy', now: Moment, makeId: () => string): string | undefined {
    if (!canBeCounted(event, urgency)) return undefined
    const bucket = this.#bucket(event.principal ?? '', now.monotonic)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return undefined
    }
    const shape = shapeOf(event)
    const full = bucket.windows.size >= this.#limits.shapes && !bucket.windows.has(shape)
    // Allowed reads of ever new things are not alike: their shape names the capability, and a shared count would hide it.
    if (full && event.result === 'allowed') return undefined
    const key = full ? '' : shape
    const window = bucket.windows.get(key)
    if (window !== undefined) {
      window.count += 1
      window.last = now.time
      return window.id
    }
    const id = makeId()
    const closesAt = now.monotonic + this.#limits.windowMs
    bucket.windows.set(key, { id, sample: event, closesAt, mixed: full, count: 1, first: now.time, last: now.time })
    return id
  }

  /** Closes the windows whose time has come; all of them without a time. */
  close(monotonic = Number.POSITIVE_INFINITY): CoalescedEvent[] {
    const closed: CoalescedEvent[] = []
    for (const [principal, bucket] of this.#buckets) {
      for (const [key, window] of bucket.windows) {
        if (window.closesAt > monotonic) continue
        bucket.windows.delete(key)
        closed.push({ id: window.id, event: coalesced(window) })
      }
      // A bucket that has filled up again is as good as new.
      const { burst, perSecond } = this.#limits
      const refilled = bucket.tokens + ((monotonic - bucket.filledAt) / 1000) * perSecond >= burst
      if (bucket.windows.size === 0 && refilled && Number.isFinite(monotonic)) this.#buckets.delete(principal)
    }
    return closed
  }

  /** Whether a window is open. */
  get counting(): boolean {
    for (const bucket of this.#buckets.values()) if (bucket.windows.size > 0) return true
    return false
  }

  #bucket(principal: string, monotonic: number): Bucket {
    const { burst, perSecond } = this.#limits
    let bucket = this.#buckets.get(principal)
    if (bucket === undefined) {
      bucket = { tokens: burst, filledAt: monotonic, windows: new Map() }
      this.#buckets.set(principal, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((monotonic - bucket.filledAt) / 1000) * perSecond)
    bucket.filledAt = monotonic
    return bucket
  }
}

/** Only the gate's decisions coalesce, and of the allowed ones only reads: a write is always a record of its own. */
const canBeCounted = (event: AuditEvent, urgency: 'flush' | 'lazy'): boolean =>
  event.type === 'capability_check' && (event.result === 'denied' || urgency === 'lazy')

/** What makes decisions alike. Denials are alike whatever they asked for (a flood varies that); the first is the sample. */
const shapeOf = (event: AuditEvent): string =>
  JSON.stringify([
    event.result,
    event.function,
    event.action,
    event.user,
    event.workspace,
    event.chain,
    event.result === 'denied' ? undefined : event.capabilities,
  ])

const coalesced = (window: Window): AuditEvent => {
  const { sample, count, first, last, mixed } = window
  const { details: _, ...kept } = sample
  const what = mixed ? `${count} decisions of several kinds` : `${count} decisions of this kind`
  return {
    ...kept,
    type: 'coalesced',
    why: `${what} came too fast to be recorded singly; the first: ${sample.why ?? sample.function ?? 'no reason given'}`,
    details: { count, first, last, mixed },
  }
}
