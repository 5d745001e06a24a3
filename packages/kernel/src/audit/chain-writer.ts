// Writes one chain: queues, groups, seals, syncs, then moves the head. After a failed write it never touches its file
// again (half a group may be in it): the log goes on in another chain.

import type { Clock, Crypto } from '../ports.ts'
import { canonicalJson, canonicalLength } from './canonical.ts'
import { type ChainHead, genesisHash, headSigningText, headText, readChainName, sealRecord } from './chain.ts'
import type { AuditFile, AuditFiles, HeadSigner } from './files.ts'
import type { AuditEvent } from './record.ts'

/** A record on its way. */
export interface PendingRecord {
  readonly id: string
  readonly event: AuditEvent
  readonly time: number
  /** About what it takes in the file: see {@link estimateBytes}. */
  readonly bytes: number
  resolve(id: string): void
  /** The record is not on disk. */
  lose(error: unknown): void
}

/** What a chain is written with. */
export interface ChainWriterPorts {
  readonly files: AuditFiles
  readonly clock: Clock
  readonly crypto: Crypto
  readonly signer?: HeadSigner
}

/** How a chain is written. */
export interface ChainWriterOptions {
  readonly name: string
  /** Makes the first record, once everything before this chain is closed. */
  opening(): Promise<AuditEvent>
  /** Called before each write with its size; throws when the log may not grow so far. */
  reserve(bytes: number): void
  readonly groupRecords: number
  readonly groupBytes: number
}

/** One chain being written. Its file appears with the first record. */
export class ChainWriter {
  readonly name: string
  readonly #ports: ChainWriterPorts
  readonly #options: ChainWriterOptions
  readonly #tag: string
  // One queue for each principal, so that a full one does not stand before the others.
  readonly #queues = new Map<string, PendingRecord[]>()
  #file: AuditFile | undefined
  #head: ChainHead
  #issued = 0
  #bytes = 0
  #running: Promise<void> | undefined
  #saving: Promise<void> | undefined
  #failure: unknown

  constructor(ports: ChainWriterPorts, options: ChainWriterOptions) {
    this.name = options.name
    this.#ports = ports
    this.#options = options
    this.#tag = readChainName(options.name)?.tag ?? ''
    this.#head = { chain: options.name, count: 0, hash: genesisHash, time: ports.clock.now(), closed: false }
  }

  /** Where the chain ends on disk. */
  get head(): ChainHead {
    return this.#head
  }
  /** Whether something of it is on disk, so that more can be expected to get there. */
  get proven(): boolean {
    return this.#head.count > 0
  }
  /** Bytes written. */
  get bytes(): number {
    return this.#bytes
  }
  /** Why the chain can no longer be written. */
  get failure(): unknown {
    return this.#failure
  }

  /** A fresh id of this chain. */
  makeId(): string {
    return `${this.#tag}-${this.#issued++}`
  }

  /** How many records of the event's principal are queued. */
  waiting({ principal = '' }: AuditEvent): number {
    return this.#queues.get(principal)?.length ?? 0
  }

  /** Queues a record. @returns how many its principal has waiting */
  push(record: PendingRecord): number {
    const key = record.event.principal ?? ''
    const queue = this.#queues.get(key)
    if (queue === undefined) this.#queues.set(key, [record])
    else queue.push(record)
    return queue?.length ?? 1
  }

  /** Writes what is queued; resolves when all that was queued before is durable or lost. Never rejects. */
  async flush(): Promise<void> {
    // A running pump takes what is queued now in a later group of its own, so waiting for its end is enough.
    this.#running ??= this.#pump()
    await this.#running
  }

  /** Resolves when the head of what is durable is kept. Never rejects. */
  async headKept(): Promise<void> {
    await this.#saving
  }

  /** Writes the rest and the closed head. Never rejects. */
  async close(): Promise<void> {
    await this.flush()
    await this.headKept()
    const file = this.#file
    this.#file = undefined
    if (file === undefined) return
    try {
      if (this.#failure === undefined) await this.#keepHead({ ...this.#head, closed: true })
    } catch (error) {
      this.#failure = error
    }
    await file.close().catch(() => undefined)
  }

  async #pump(): Promise<void> {
    try {
      // One turn, so that appends made in the same one share the first group too.
      await Promise.resolve()
      while (this.#queues.size > 0 && this.#failure === undefined) await this.#writeGroup(this.#take())
      if (this.#failure !== undefined) this.#loseAll(this.#failure)
    } finally {
      // In the same turn as the last look at the queues: nothing can be queued in between and then forgotten.
      this.#running = undefined
    }
  }

  async #writeGroup(group: readonly PendingRecord[]): Promise<void> {
    try {
      // Opened at the time of its first event, so that times rise along the chain.
      this.#file ??= await this.#open(group[0]?.time ?? 0)
      await this.#write(group)
    } catch (error) {
      this.#failure = error
      for (const record of group) record.lose(error)
      return
    }
    for (const record of group) record.resolve(record.id)
  }

  async #open(time: number): Promise<AuditFile> {
    const { files } = this.#ports
    const event = await this.#options.opening()
    // The head comes first: from now on a missing chain file is noticed.
    await this.#keepHead(this.#head)
    try {
      this.#file = await files.create(this.name)
      const nothing = (): void => undefined
      await this.#write([{ id: this.makeId(), event, time, bytes: 0, resolve: nothing, lose: nothing }])
      return this.#file
    } catch (error) {
      await this.#file?.close().catch(() => undefined)
      this.#file = undefined
      if (this.#head.count === 0) await files.discard(this.name).catch(() => undefined)
      throw error
    }
  }

  async #write(group: readonly PendingRecord[]): Promise<void> {
    let { count, hash } = this.#head
    const lines: string[] = []
    for (const { event, id, time } of group) {
      const sealed = sealRecord(event, { seq: count, id, time, prev: hash }, this.#ports.crypto)
      lines.push(sealed.line, '\n')
      hash = sealed.hash
      count += 1
    }
    const text = lines.join('')
    this.#options.reserve(text.length)
    await this.#file?.append(text)
    await this.#file?.sync()
    this.#bytes += text.length
    const { signature: _, ...old } = this.#head
    this.#head = { ...old, count, hash }
    // The records are durable; their head follows behind, so that nobody waits for it. A crash in between leaves the
    // head behind the chain, which verifying tells apart from a cut tail.
    this.#saving ??= this.#saveHead()
  }

  /** Keeps the newest head; when another came up meanwhile, that as well. Never rejects. */
  async #saveHead(): Promise<void> {
    try {
      for (let kept = -1; kept !== this.#head.count; ) {
        kept = this.#head.count
        await this.#keepHead(this.#head)
      }
    } catch (error) {
      this.#failure ??= error
    } finally {
      this.#saving = undefined
    }
  }

  async #keepHead({ signature: _, ...unsigned }: ChainHead): Promise<void> {
    const { files, clock, signer } = this.#ports
    const head: ChainHead = { ...unsigned, time: clock.now() }
    const signed = signer === undefined ? head : { ...head, signature: await signer.sign(headSigningText(head)) }
    await files.writeHead(this.name, headText(signed))
    if (this.#head.count === signed.count) this.#head = signed
  }

  /** The next group: one record of each principal in turn, sealed in the order they came. */
  #take(): PendingRecord[] {
    const { groupRecords, groupBytes } = this.#options
    const group: PendingRecord[] = []
    let bytes = 0
    // A queue that is put back comes up again in this same loop, after the others.
    for (const [key, queue] of this.#queues) {
      const record = queue.shift()
      // To the back, so that the next group begins with who comes after.
      this.#queues.delete(key)
      if (queue.length > 0) this.#queues.set(key, queue)
      if (record === undefined) continue
      group.push(record)
      bytes += record.bytes
      if (group.length >= groupRecords || bytes >= groupBytes) break
    }
    return this.#inOrder(group)
  }

  #inOrder(group: PendingRecord[]): PendingRecord[] {
    const order = ({ id }: PendingRecord): number => Number(id.slice(this.#tag.length + 1))
    // A count's id is as old as its first decision, its record as young as its last: time comes first.
    return group.sort((a, b) => a.time - b.time || order(a) - order(b))
  }

  #loseAll(error: unknown): void {
    const lost = [...this.#queues.values()].flat()
    this.#queues.clear()
    for (const record of lost) record.lose(error)
  }
}

/** About what a record takes in the file, bytes: enough to bound a group and a principal's share. */
export const estimateBytes = (event: AuditEvent): number => {
  let bytes = 400
  for (const value of Object.values(event)) {
    if (typeof value === 'string') bytes += canonicalLength(value)
    else if (Array.isArray(value)) for (const text of value as string[]) bytes += canonicalLength(text)
    else if (value !== undefined) bytes += canonicalJson(value).length
  }
  return bytes
}
