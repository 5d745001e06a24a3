// The audit log: takes events, decides what is recorded singly, keeps the chains within their sizes, and refuses when a
// record cannot be written. Files, time and hashing are ports.

import { BulkheadError } from '../errors.ts'
import { cutEvent } from './canonical.ts'
import { type ChainHead, makeChainName } from './chain.ts'
import { openingEvent } from './chain-opening.ts'
import { ChainWriter, type ChainWriterPorts, estimateBytes, type PendingRecord } from './chain-writer.ts'
import { Coalescer, type CountSource } from './coalesce.ts'
import { isRecorded } from './level.ts'
import {
  type AuditLimits,
  type AuditLog,
  type AuditLogOptions,
  type AuditStatus,
  defaultAuditLimits,
} from './log-options.ts'
import { Shares } from './shares.ts'
import type { AuditEvent } from './record.ts'

/** Most heads of other chains that a new chain names. Older ones are named by those. */
const namedHeads = 16
/** Bytes written before the other processes' chains are measured again. */
const measureBytes = 8 * 1024 * 1024

type Queued = Omit<PendingRecord, 'resolve' | 'lose'>

const nothing = (): void => undefined

/** Makes a log over its ports. Nothing is written before the first append. */
export const makeAuditLog = (ports: ChainWriterPorts, options: AuditLogOptions): AuditLog => new Log(ports, options)

class Log implements AuditLog {
  readonly #ports: ChainWriterPorts
  readonly #options: AuditLogOptions
  readonly #limits: AuditLimits
  readonly #coalescer: Coalescer
  readonly #shares: Shares
  /** A lazy record that is lost: nobody waits for it, so its loss is counted. */
  readonly #loseLazy = (): void => this.#countLost(1)
  readonly #counts: CountSource = {
    makeId: () => this.#writer.makeId(),
    time: () => Math.trunc(this.#ports.clock.now()),
  }
  #writer: ChainWriter
  #retired: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  #lazyTimer: Disposable | undefined
  #windowTimer: Disposable | undefined
  #total = 0
  #unmeasured = Number.POSITIVE_INFINITY
  #lost = 0
  #unsaid = 0
  #retryAt = 0
  #retryMs: number
  #anchoredAt = Number.NEGATIVE_INFINITY
  #anchorFailures = 0

  constructor(ports: ChainWriterPorts, options: AuditLogOptions) {
    this.#ports = ports
    this.#options = options
    this.#limits = { ...defaultAuditLimits, ...options.limits }
    this.#coalescer = new Coalescer(this.#limits)
    this.#shares = new Shares(this.#limits.principalBytes)
    this.#retryMs = this.#limits.retryMs
    this.#writer = this.#makeWriter('')
  }

  async append(event: AuditEvent, urgency: 'flush' | 'lazy'): Promise<string> {
    const taken = this.#take(event, urgency)
    return typeof taken === 'string' ? taken : this.#push(taken, urgency)
  }

  note(event: AuditEvent, nowMs?: number): string | undefined {
    // Lazy appends wait when the queue is full, and as long as it is not sure that the chain can be written at all.
    if (this.#options.failClosed && !this.#writer.proven) return undefined
    if (this.#writer.waiting(event) >= this.#limits.queued) return undefined
    const taken = this.#take(event, 'lazy', nowMs)
    if (typeof taken === 'string') return taken
    this.#writer.push({ ...taken, resolve: nothing, lose: this.#loseLazy })
    this.#planFlush()
    return taken.id
  }

  /** Decides what becomes of an event: an id when there is nothing to write for it, else what is to be queued. */
  #take(raw: AuditEvent, urgency: 'flush' | 'lazy', nowMs?: number): Queued | string {
    if (this.#closing !== undefined) throw new BulkheadError('host.closed', 'the audit log is closed')
    if (!isRecorded(this.#options.level, raw, urgency)) return ''
    const failure = this.#failureNow()
    if (failure !== undefined) return this.#refuse(failure)

    const { clock } = this.#ports
    const counted = this.#coalescer.admit(raw, urgency, nowMs ?? clock.monotonic(), this.#counts)
    if (counted !== undefined) {
      this.#windowTimer ??= clock.after(this.#limits.windowMs, () => this.#closeWindows())
      return counted
    }
    const event = cutEvent(raw)
    const bytes = estimateBytes(event)
    const overdrawn = this.#shares.charge(event, bytes)
    if (overdrawn !== undefined) return this.#refuse(overdrawn)
    return { id: this.#writer.makeId(), event, time: Math.trunc(clock.now()), bytes }
  }

  async flush(): Promise<void> {
    const writer = this.#writer
    this.#writeCounts(Number.POSITIVE_INFINITY)
    await this.#settle(writer)
    await writer.headKept()
    if (writer.failure !== undefined && this.#options.failClosed) throw unavailable(writer.failure)
  }

  head(): ChainHead {
    return this.#writer.head
  }

  status(): AuditStatus {
    const { failure } = this.#writer
    return {
      failing: failure === undefined ? undefined : unavailable(failure).message,
      lost: this.#lost,
      anchorFailures: this.#anchorFailures,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#lazyTimer?.[Symbol.dispose]()
    this.#windowTimer?.[Symbol.dispose]()
    this.#writeCounts(Number.POSITIVE_INFINITY)
    await this.#writer.close()
    await this.#retired
    await this.#export(true)
  }

  async #push(record: Queued, urgency: 'flush' | 'lazy'): Promise<string> {
    const writer = this.#writer
    const isUnproven = this.#options.failClosed && !writer.proven
    let waiting = 0
    let waits = true
    const durable = new Promise<string>((resolve, reject) => {
      const lose = (error: unknown): void => {
        // Who waits under a fail-closed policy is told, and nothing happens unrecorded; else it did or will.
        if (!waits || !this.#options.failClosed) this.#countLost(1)
        if (this.#options.failClosed) reject(unavailable(error))
        else resolve('')
      }
      waiting = writer.push({ ...record, resolve, lose })
    })
    waits = urgency === 'flush' || isUnproven || waiting > this.#limits.queued
    if (waits) {
      void this.#settle(writer)
      return durable
    }
    // Nobody waits for it; a failure shows in the next append, and in the count of what was lost.
    durable.catch(() => undefined)
    this.#planFlush()
    return record.id
  }

  /** Lazy records go to the disk together, soon. */
  #planFlush(): void {
    this.#lazyTimer ??= this.#ports.clock.after(this.#limits.lazyMs, () => {
      this.#lazyTimer = undefined
      void this.#settle(this.#writer)
    })
  }

  async #settle(writer: ChainWriter): Promise<void> {
    await writer.flush()
    if (writer !== this.#writer) return
    if (writer.failure !== undefined) {
      this.#planRetry()
      return
    }
    this.#retryMs = this.#limits.retryMs
    if (writer.bytes >= this.#limits.chainBytes) this.#replaceWriter('rotated')
    void this.#export(false)
  }

  /** The next chain begins; the old one writes what it still holds, its counts included, and closes. */
  #replaceWriter(why: string): void {
    this.#writeCounts(Number.POSITIVE_INFINITY)
    const old = this.#writer
    this.#retired = Promise.all([this.#retired, old.close()]).then(() => undefined)
    this.#retryAt = 0
    this.#writer = this.#makeWriter(why, old.head)
  }

  #makeWriter(why: string, before?: ChainHead): ChainWriter {
    const { clock, crypto, files } = this.#ports
    const name = makeChainName(clock.now(), this.#options.pid, crypto.newId())
    const { groupBytes, groupRecords } = this.#limits
    const retired = this.#retired
    return new ChainWriter(this.#ports, {
      name,
      groupBytes,
      groupRecords,
      opening: async () => {
        await retired
        await this.#measure()
        const heads = await files.heads(namedHeads)
        const lost = this.#unsaid
        this.#unsaid = 0
        return openingEvent({ chain: name, options: this.#options, why, before, lost, heads })
      },
      reserve: (bytes) => {
        if (this.#total + bytes > this.#limits.totalBytes) {
          throw new BulkheadError('audit.unavailable', `the audit log has reached ${this.#limits.totalBytes} bytes`, {
            hint: 'Move old chains and their heads to another place, or raise the limit. Nothing is deleted by itself.',
          })
        }
        this.#total += bytes
        this.#unmeasured += bytes
        if (this.#unmeasured > measureBytes) void this.#measure().catch(() => undefined)
      },
    })
  }

  async #measure(): Promise<void> {
    this.#unmeasured = 0
    this.#total = await this.#ports.files.totalBytes()
    this.#shares.measured(this.#limits.totalBytes - this.#total)
  }

  /** Why nothing can be recorded now. When it is time to try again, another chain begins and nothing is in the way. */
  #failureNow(): unknown {
    const { failure } = this.#writer
    if (failure === undefined) return undefined
    // A head that could not be kept shows only here.
    this.#planRetry()
    if (this.#ports.clock.monotonic() < this.#retryAt) return failure
    this.#replaceWriter('after a failure')
    return undefined
  }

  #planRetry(): void {
    if (this.#retryAt !== 0) return
    this.#retryAt = this.#ports.clock.monotonic() + this.#retryMs
    this.#retryMs = Math.min(this.#retryMs * 2, 60_000)
  }

  #refuse(error: unknown): string {
    if (this.#options.failClosed) throw unavailable(error)
    this.#countLost(1)
    return ''
  }

  #countLost(count: number): void {
    this.#lost += count
    this.#unsaid += count
  }

  #closeWindows(): void {
    this.#windowTimer = undefined
    this.#writeCounts(this.#ports.clock.monotonic())
    if (this.#coalescer.counting) {
      this.#windowTimer = this.#ports.clock.after(this.#limits.windowMs, () => this.#closeWindows())
    }
    void this.#settle(this.#writer)
  }

  #writeCounts(until: number): void {
    const time = Math.trunc(this.#ports.clock.now())
    for (const { id, event } of this.#coalescer.close(until)) {
      const count = Number(event.details?.['count'] ?? 1)
      this.#writer.push({
        id,
        event,
        time,
        bytes: estimateBytes(event),
        resolve: nothing,
        lose: () => this.#countLost(count),
      })
    }
  }

  async #export(always: boolean): Promise<void> {
    const { anchor } = this.#options
    const { head } = this.#writer
    const now = this.#ports.clock.monotonic()
    if (anchor === undefined || head.count === 0 || (!always && now - this.#anchoredAt < this.#limits.anchorMs)) return
    this.#anchoredAt = now
    try {
      await anchor.export(head)
    } catch {
      this.#anchorFailures += 1
    }
  }
}

const unavailable = (error: unknown): BulkheadError => {
  if (error instanceof BulkheadError && error.code === 'audit.unavailable') return error
  const message = error instanceof Error ? error.message : String(error)
  return new BulkheadError('audit.unavailable', `the audit record could not be written: ${message}`, { cause: error })
}
