// Keeps a flood small without losing a count: each principal has a token bucket for its decisions and one for the ends of
// its calls; beyond it, events of one kind are counted and become one record when their window closes. Holds no clock and
// writes nothing.

import { cutEvent } from './canonical.ts'
import {
  coalesced,
  type CoalescedEvent,
  countIn,
  type Coverage,
  isAlike,
  isSameOrigin,
  openWindow,
  type Window,
} from './count-window.ts'
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

interface Bucket {
  tokens: number
  filledAt: number
  readonly windows: Window[]
  /** What further kinds of one user in one workspace share. */
  readonly ofUsers: Window[]
  /** What all further ones share. */
  rest: Window | undefined
}

/** What the coalescer needs when a count begins. */
export interface CountSource {
  /** Id of the record that will hold the count. */
  makeId(): string
  /** Milliseconds since the Unix epoch. */
  time(): number
}

type Kind = 'decisions' | 'ends'

/** Counts what is beyond the bucket. */
export class Coalescer {
  readonly #limits: CoalesceLimits
  readonly #buckets: Readonly<Record<Kind, Map<string, Bucket>>> = { decisions: new Map(), ends: new Map() }

  constructor(limits: CoalesceLimits = defaultCoalesceLimits) {
    this.#limits = limits
  }

  /**
   * Takes a token for the event. Beyond the bucket, what can be counted is counted.
   * @param nowMs monotonic
   * @returns undefined when the event is to be written singly; else the id of the record that will hold the count
   */
  admit(event: AuditEvent, urgency: 'flush' | 'lazy', nowMs: number, source: CountSource): string | undefined {
    const kind = kindOf(event, urgency)
    if (kind === undefined) return undefined
    const bucket = this.#bucket(this.#buckets[kind], event.principal ?? '', nowMs)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return undefined
    }
    for (const window of bucket.windows) if (isAlike(event, window.sample)) return countIn(window, event, nowMs)
    return this.#openOrShare(bucket, cutEvent(event), nowMs, source)
  }

  /** Closes the windows whose time has come; all of them without a time. */
  close(nowMs = Number.POSITIVE_INFINITY): CoalescedEvent[] {
    return [
      ...closeAll(this.#buckets.decisions, this.#limits, nowMs),
      ...closeAll(this.#buckets.ends, this.#limits, nowMs),
    ]
  }

  /** Whether a window is open. */
  get counting(): boolean {
    for (const buckets of Object.values(this.#buckets)) {
      for (const bucket of buckets.values()) if (isCounting(bucket)) return true
    }
    return false
  }

  /** The event is cut: what was too long to be told apart may be alike now. */
  #openOrShare(bucket: Bucket, event: AuditEvent, nowMs: number, source: CountSource): string | undefined {
    const { windows } = bucket
    for (const window of windows) if (isAlike(event, window.sample)) return countIn(window, event, nowMs)
    if (windows.length < this.#limits.shapes) {
      const window = this.#open(event, nowMs, source, 'kind')
      windows.push(window)
      return window.id
    }
    // Allowed reads of ever new things are not alike: the kind names the capability, and a shared count would hide it.
    if (event.result === 'allowed') return undefined
    for (const window of bucket.ofUsers) if (isSameOrigin(event, window.sample)) return countIn(window, event, nowMs)
    if (bucket.ofUsers.length < this.#limits.shapes) {
      const window = this.#open(event, nowMs, source, 'user')
      bucket.ofUsers.push(window)
      return window.id
    }
    if (bucket.rest !== undefined) return countIn(bucket.rest, event, nowMs)
    bucket.rest = this.#open(event, nowMs, source, 'all')
    return bucket.rest.id
  }

  #open(sample: AuditEvent, nowMs: number, source: CountSource, covers: Coverage): Window {
    const start = { id: source.makeId(), first: source.time(), openedAt: nowMs }
    return openWindow(sample, { ...start, closesAt: nowMs + this.#limits.windowMs, covers })
  }

  #bucket(buckets: Map<string, Bucket>, principal: string, nowMs: number): Bucket {
    const { burst, perSecond } = this.#limits
    let bucket = buckets.get(principal)
    if (bucket === undefined) {
      bucket = { tokens: burst, filledAt: nowMs, windows: [], ofUsers: [], rest: undefined }
      buckets.set(principal, bucket)
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.filledAt) / 1000) * perSecond)
    bucket.filledAt = nowMs
    return bucket
  }
}

const closeAll = (buckets: Map<string, Bucket>, limits: CoalesceLimits, nowMs: number): CoalescedEvent[] => {
  const closed: CoalescedEvent[] = []
  for (const [principal, bucket] of buckets) {
    closeIn(bucket.windows, nowMs, closed)
    closeIn(bucket.ofUsers, nowMs, closed)
    const { rest } = bucket
    if (rest !== undefined && rest.closesAt <= nowMs) {
      closed.push(coalesced(rest))
      bucket.rest = undefined
    }
    // A bucket that has filled up again is as good as new.
    const refilled = bucket.tokens + ((nowMs - bucket.filledAt) / 1000) * limits.perSecond >= limits.burst
    if (!isCounting(bucket) && refilled && Number.isFinite(nowMs)) buckets.delete(principal)
  }
  return closed
}

const isCounting = ({ windows, ofUsers, rest }: Bucket): boolean =>
  windows.length + ofUsers.length > 0 || rest !== undefined

/** In place; those that stay open stay in order. */
const closeIn = (windows: Window[], nowMs: number, closed: CoalescedEvent[]): void => {
  let open = 0
  for (const window of windows) {
    if (window.closesAt > nowMs) windows[open++] = window
    else closed.push(coalesced(window))
  }
  windows.length = open
}

/**
 * What is counted: of the gate's decisions the denied ones and the reads (a write is always a record of its own), what an
 * egress proxy refused by itself, and the ends of calls.
 */
const kindOf = (event: AuditEvent, urgency: 'flush' | 'lazy'): Kind | undefined => {
  if (event.type === 'connection_refused') return 'decisions'
  if (event.type === 'capability_check')
    return event.result === 'denied' || urgency === 'lazy' ? 'decisions' : undefined
  return event.type === 'call_ended' && urgency === 'lazy' ? 'ends' : undefined
}
