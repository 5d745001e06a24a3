import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Clock, Crypto } from '../ports.ts'
import { type AuditRecord, parseRecord } from './chain.ts'
import type { AuditFiles } from './files.ts'
import { makeAuditLog } from './log.ts'
import type { AuditLimits, AuditLogOptions } from './log-options.ts'
import type { AuditEvent } from './record.ts'
import { verifyChains } from './verify.ts'

const crypto: Crypto = {
  newId: () => randomBytes(16).toString('hex'),
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
}

/** A clock whose timers run when the test says. */
class FakeClock implements Clock {
  time = 1_700_000_000_000
  readonly #timers = new Set<{ at: number; run: () => void }>()
  now(): number {
    return this.time
  }
  monotonic(): number {
    return this.time
  }
  after(ms: number, run: () => void): Disposable {
    const timer = { at: this.time + ms, run }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => this.#timers.delete(timer) }
  }
  advance(ms: number): void {
    this.time += ms
    for (const timer of [...this.#timers]) {
      if (timer.at <= this.time && this.#timers.delete(timer)) timer.run()
    }
  }
}

/** Files in memory that can fail and be held up. */
class FakeFiles implements AuditFiles {
  readonly files = new Map<string, string>()
  readonly headTexts = new Map<string, string>()
  syncs = 0
  /** What the next writes fail with. */
  broken: string | undefined
  /** Writes wait for it. */
  gate: Promise<void> = Promise.resolve()

  async chains(): Promise<string[]> {
    return [...this.files.keys()].sort()
  }
  async heads(): Promise<{ chain: string; text: string }[]> {
    return [...this.headTexts].sort().map(([chain, text]) => ({ chain, text }))
  }
  async *lines(chain: string): AsyncGenerator<{ text: string; complete: boolean }> {
    const parts = (this.files.get(chain) ?? '').split('\n')
    const rest = parts.pop() ?? ''
    for (const text of parts) yield { text, complete: true }
    if (rest !== '') yield { text: rest, complete: false }
  }
  async create(chain: string) {
    this.#check()
    this.files.set(chain, '')
    return {
      append: async (text: string) => {
        await this.gate
        // A full disk takes half of what it is given.
        const taken = this.broken === undefined ? text : text.slice(0, text.length / 2)
        this.files.set(chain, (this.files.get(chain) ?? '') + taken)
        this.#check()
      },
      sync: async () => {
        this.#check()
        this.syncs += 1
      },
      close: async () => undefined,
    }
  }
  async writeHead(chain: string, text: string): Promise<void> {
    this.#check()
    this.headTexts.set(chain, text)
  }
  async discard(chain: string): Promise<void> {
    this.files.delete(chain)
    this.headTexts.delete(chain)
  }
  async totalBytes(): Promise<number> {
    return [...this.files.values()].reduce((sum, text) => sum + text.length, 0)
  }
  records(): AuditRecord[] {
    return [...this.files.values()].flatMap((text) => text.split('\n').flatMap((line) => parseRecord(line) ?? []))
  }
  #check(): void {
    if (this.broken !== undefined) throw new Error(this.broken)
  }
}

const setUp = (options: Partial<AuditLogOptions> = {}, limits: Partial<AuditLimits> = {}) => {
  const files = new FakeFiles()
  const clock = new FakeClock()
  const log = makeAuditLog({ files, clock, crypto }, { level: 'verbose', failClosed: true, pid: 1, limits, ...options })
  const verify = () => verifyChains(files, { crypto })
  return { files, clock, log, verify }
}
const check = (result: 'allowed' | 'denied', more: Partial<AuditEvent> = {}): AuditEvent => ({
  type: 'capability_check',
  result,
  principal: 'p',
  function: 'kv.set',
  ...more,
})
const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

describe('writing', () => {
  test('appends of one moment share one sync, and each resolves to the id in its record', async () => {
    const { files, log, verify } = setUp()
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, index) => log.append(check('allowed', { callId: `c${index}` }), 'flush')),
    )
    expect(files.syncs).toBe(2)
    const records = files.records().slice(1)
    expect(records.map(({ id }) => id)).toEqual(ids)
    expect(records.map(({ callId }) => callId)).toEqual(ids.map((_, index) => `c${index}`))
    expect(new Set(ids).size).toBe(100)
    expect(log.head()).toMatchObject({ count: 101, hash: records.at(-1)?.hash })
    await log[Symbol.asyncDispose]()
    expect((await verify()).ok).toBe(true)
  })

  test('a flushed append does not resolve before the sync; a lazy one does, and is on disk soon', async () => {
    const { files, clock, log } = setUp()
    await log.append(check('denied'), 'flush')
    let open = (): void => undefined
    files.gate = new Promise<void>((resolve) => (open = resolve))
    let done = false
    const flushed = log.append(check('denied'), 'flush').then(() => (done = true))
    await log.append(check('allowed'), 'lazy')
    await turns(50)
    expect(done).toBe(false)
    open()
    await flushed
    const before = files.records().length
    await log.append(check('allowed', { callId: 'lazy' }), 'lazy')
    expect(files.records()).toHaveLength(before)
    clock.advance(100)
    await turns()
    expect(files.records().at(-1)?.callId).toBe('lazy')
  })

  test('the level security-only keeps denials, changes and writes, and drops the rest', async () => {
    const { files, log } = setUp({ level: 'security-only' })
    expect(await log.append(check('allowed'), 'lazy')).toBe('')
    expect(await log.append({ type: 'call_started', result: 'info' }, 'lazy')).toBe('')
    await log.append(check('denied'), 'lazy')
    await log.append(check('allowed'), 'flush')
    await log.append({ type: 'plugin_crashed', result: 'info' }, 'lazy')
    await log.append({ type: 'trust_changed', result: 'info' }, 'lazy')
    await log.flush()
    const types = ['log_opened', 'capability_check', 'capability_check', 'plugin_crashed', 'trust_changed']
    expect(files.records().map(({ type }) => type)).toEqual(types)
  })

  test('what is noted has its id at once and is on disk soon; when the queue is full, nothing is taken', async () => {
    const { files, clock, log, verify } = setUp({}, { queued: 2 })
    await log.append(check('denied'), 'flush')
    const ids = [log.note?.(check('allowed', { callId: '1' })), log.note?.(check('allowed', { callId: '2' }))]
    expect(log.note?.(check('allowed', { callId: '3' }))).toBeUndefined()
    expect(log.note?.(check('allowed', { callId: 'other', principal: 'q' }))).toEqual(expect.any(String))
    expect(files.records()).toHaveLength(2)
    clock.advance(100)
    await turns()
    const records = files.records().slice(2)
    expect(records.map(({ callId }) => callId)).toEqual(['1', '2', 'other'])
    expect(records.slice(0, 2).map(({ id }) => id)).toEqual(ids)
    await log[Symbol.asyncDispose]()
    expect(() => log.note?.(check('allowed'))).toThrowError(expect.objectContaining({ code: 'host.closed' }))
    expect((await verify()).ok).toBe(true)
  })

  test('nothing is lazy before the chain is on disk: where nothing can be written, nothing goes unrecorded', async () => {
    const { files, clock, log } = setUp({}, { retryMs: 1000 })
    files.broken = 'ENOSPC'
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(log.note?.(check('allowed'))).toBeUndefined()
      await expect(log.append(check('allowed'), 'lazy')).rejects.toMatchObject({ code: 'audit.unavailable' })
      // Long enough for the next chain to be tried.
      clock.advance(60_000)
      await turns()
    }
    expect(log.status().lost).toBe(0)
    files.broken = undefined
    expect(await log.append(check('allowed'), 'lazy')).not.toBe('')
    expect(log.note?.(check('allowed'))).toEqual(expect.any(String))
  })

  test('an event that changes after it was noted is recorded as it was', async () => {
    const { files, log } = setUp()
    await log.append(check('denied'), 'flush')
    const details: Record<string, number> = { callMs: 1 }
    log.note?.({ type: 'call_ended', result: 'info', principal: 'p', details })
    details['callMs'] = 2
    await log.flush()
    expect(files.records().at(-1)?.details).toEqual({ callMs: 1 })
  })

  test('a closed log refuses', async () => {
    const { log } = setUp()
    await log[Symbol.asyncDispose]()
    await expect(log.append(check('denied'), 'lazy')).rejects.toMatchObject({ code: 'host.closed' })
  })

  test('heads are exported, and an anchor that fails is counted and stops nothing', async () => {
    const seen: number[] = []
    const anchor = {
      export: async (head: { count: number }) => {
        seen.push(head.count)
        if (seen.length === 1) throw new Error('no network')
      },
    }
    const { log } = setUp({ anchor })
    await log.append(check('denied'), 'flush')
    await log.append(check('denied'), 'flush')
    await log[Symbol.asyncDispose]()
    expect(seen).toEqual([2, 3])
    expect(log.status().anchorFailures).toBe(1)
  })
})

describe('when records cannot be written', () => {
  test('fail-closed refuses, flushed and lazy alike, and goes on in another chain once it can', async () => {
    const { files, clock, log, verify } = setUp()
    await log.append(check('allowed'), 'flush')
    files.broken = 'ENOSPC: no space left on device'
    await expect(log.append(check('allowed'), 'flush')).rejects.toMatchObject({
      code: 'audit.unavailable',
      message: expect.stringContaining('ENOSPC'),
    })
    await expect(log.append(check('allowed'), 'lazy')).rejects.toMatchObject({ code: 'audit.unavailable' })
    await expect(log.flush()).rejects.toMatchObject({ code: 'audit.unavailable' })
    expect(log.status().failing).toContain('ENOSPC')
    files.broken = undefined
    await expect(log.append(check('allowed'), 'flush')).rejects.toMatchObject({ code: 'audit.unavailable' })
    clock.advance(1000)
    await log.append(check('denied'), 'flush')
    expect(log.status()).toMatchObject({ failing: undefined, lost: 0 })
    await log[Symbol.asyncDispose]()
    const report = await verify()
    expect(report.problems).toEqual([])
    expect(report.chains).toHaveLength(2)
    expect(report.chains[0]?.torn).toBe(true)
  })

  test('lazy records that were lost before the failure showed are counted in the next chain', async () => {
    const { files, clock, log } = setUp()
    await log.append(check('allowed'), 'flush')
    await log.append(check('allowed', { callId: '1' }), 'lazy')
    await log.append(check('allowed', { callId: '2' }), 'lazy')
    files.broken = 'EIO'
    clock.advance(100)
    await turns()
    files.broken = undefined
    clock.advance(5000)
    await log.append(check('allowed'), 'flush')
    const opened = files.records().findLast(({ type }) => type === 'log_opened')
    expect(opened?.details?.['lost']).toBe(2)
  })

  test('what was noted and lost is counted as well, and while the log fails nothing more is noted', async () => {
    const { files, clock, log } = setUp()
    await log.append(check('allowed'), 'flush')
    log.note?.(check('allowed', { callId: '1' }))
    files.broken = 'EIO'
    clock.advance(100)
    await turns()
    expect(() => log.note?.(check('allowed'))).toThrowError(expect.objectContaining({ code: 'audit.unavailable' }))
    files.broken = undefined
    clock.advance(5000)
    await log.append(check('allowed'), 'flush')
    const opened = files.records().findLast(({ type }) => type === 'log_opened')
    expect(opened?.details?.['lost']).toBe(1)
  })

  test('a head that cannot be kept stops the log as well', async () => {
    const { files, clock, log, verify } = setUp()
    await log.append(check('allowed'), 'flush')
    files.writeHead = () => Promise.reject(new Error('EROFS'))
    await log.append(check('allowed'), 'flush')
    await expect(log.flush()).rejects.toMatchObject({ code: 'audit.unavailable' })
    await expect(log.append(check('allowed'), 'flush')).rejects.toMatchObject({ code: 'audit.unavailable' })
    files.writeHead = async (chain, text) => void files.headTexts.set(chain, text)
    clock.advance(5000)
    await log.append(check('allowed'), 'flush')
    await log[Symbol.asyncDispose]()
    expect((await verify()).problems).toEqual([])
  })

  test('fail-open resolves, counts what was lost, and says so in the next record', async () => {
    const { files, clock, log } = setUp({ failClosed: false })
    files.broken = 'EROFS'
    expect(await log.append(check('allowed'), 'flush')).toBe('')
    expect(await log.append(check('allowed'), 'flush')).toBe('')
    expect(log.status().lost).toBe(2)
    files.broken = undefined
    clock.advance(2000)
    expect(await log.append(check('allowed'), 'flush')).not.toBe('')
    expect(files.records()[0]).toMatchObject({ type: 'log_opened', details: { lost: 2 } })
  })

  test('a log that has reached its size refuses and deletes nothing', async () => {
    const { files, clock, log } = setUp({}, { totalBytes: 3000, burst: 1000 })
    const results = []
    for (let turn = 0; turn < 20; turn++) {
      results.push(await log.append(check('allowed'), 'flush').catch((error: { code: string }) => error.code))
      clock.advance(70_000)
    }
    expect(results.at(-1)).toBe('audit.unavailable')
    expect(results.filter((result) => result !== 'audit.unavailable').length).toBe(files.records().length - 1)
    expect(await files.totalBytes()).toBeLessThanOrEqual(3000)
    expect(files.files.size).toBe(1)
  })

  test('a principal that has used its share is refused alone', async () => {
    const { log } = setUp({}, { principalBytes: 10_000 })
    let refused = 0
    for (let turn = 0; turn < 50; turn++) {
      await log.append(check('allowed'), 'flush').catch(() => refused++)
    }
    expect(refused).toBeGreaterThan(10)
    expect(await log.append(check('allowed', { principal: 'other' }), 'flush')).not.toBe('')
  })
})

describe('floods', () => {
  test('a flood of denials is a few records that count exactly, and no other append waits behind it', async () => {
    const { files, clock, log, verify } = setUp({}, { groupRecords: 50 })
    const flood = Array.from({ length: 50_000 }, (_, index) =>
      log.append(check('denied', { capabilities: [`fs.read:/${index}`], function: 'fs.read' }), 'flush'),
    )
    const other = log.append(check('denied', { principal: 'other', callId: 'mine' }), 'flush')
    await other
    // In the first group: the flood's 200 single records would fill four.
    expect(files.records().find(({ callId }) => callId === 'mine')?.seq).toBeLessThanOrEqual(51)
    await Promise.all(flood)
    clock.advance(1000)
    await log[Symbol.asyncDispose]()
    const records = files.records().filter(({ principal }) => principal === 'p')
    expect(records.length).toBeLessThan(210)
    const count = (record: AuditRecord): number => Number(record.details?.['count'] ?? 1)
    expect(records.reduce((sum, record) => sum + count(record), 0)).toBe(50_000)
    expect((await verify()).problems).toEqual([])
    const ids = new Set(files.records().map(({ id }) => id))
    for (const id of await Promise.all(flood)) expect(ids.has(id)).toBe(true)
  })

  test('rotation in the middle of a flood keeps ids in the chain that issued them', async () => {
    const { files, clock, log, verify } = setUp({}, { chainBytes: 4000, burst: 20 })
    const ids: string[] = []
    for (let turn = 0; turn < 200; turn++) {
      clock.advance(1)
      ids.push(await log.append(check('denied', { principal: `p${turn % 3}` }), 'flush'))
    }
    await log[Symbol.asyncDispose]()
    expect(files.files.size).toBeGreaterThan(2)
    const written = new Set(files.records().map(({ id }) => id))
    for (const id of ids) expect(written.has(id)).toBe(true)
    expect((await verify()).problems).toEqual([])
  })
})
