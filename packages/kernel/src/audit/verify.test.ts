import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AuditRecord,
  type ChainHead,
  genesisHash,
  headSigningText,
  headText,
  makeChainName,
  sealRecord,
} from './chain.ts'
import type { AuditReader } from './files.ts'
import { canonicalJson } from './canonical.ts'
import type { AuditEvent } from './record.ts'
import { type VerifyOptions, verifyChains } from './verify.ts'

const crypto = { sha256: (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex') }

interface Log {
  readonly files: Map<string, string>
  readonly heads: Map<string, string>
}

const reader = ({ files, heads }: Log): AuditReader => ({
  chains: async () => [...files.keys()].sort(),
  heads: async () => [...heads].map(([chain, text]) => ({ chain, text })),
  lines: async function* (chain) {
    const parts = (files.get(chain) ?? '').split('\n')
    const rest = parts.pop() ?? ''
    for (const text of parts) yield { text, complete: true }
    if (rest !== '') yield { text: rest, complete: false }
  },
})
const check = (log: Log, options: Partial<VerifyOptions> = {}) => verifyChains(reader(log), { crypto, ...options })

const tags = ['a'.repeat(16), 'b'.repeat(16)]
const names = tags.map((tag, index) => makeChainName(1_700_000_000_000 + index * 1000, 7, tag))

/** Writes a chain as a chain writer does. */
const write = (log: Log, index: number, count: number, known: readonly ChainHead[] = []): ChainHead => {
  const chain = names[index] ?? ''
  let prev = genesisHash
  let text = ''
  for (let seq = 0; seq < count; seq++) {
    const heads = known.map((head) => ({ chain: head.chain, count: head.count, hash: head.hash }))
    const event: AuditEvent =
      seq === 0
        ? { type: 'log_opened', result: 'info', details: { chain, heads } }
        : {
            type: 'capability_check',
            result: seq % 2 === 0 ? 'allowed' : 'denied',
            why: `reason ${seq}`,
            callId: 'same',
          }
    const sealed = sealRecord(event, { seq, id: `${tags[index]}-${seq}`, time: 1000 + seq, prev }, crypto)
    text += `${sealed.line}\n`
    prev = sealed.hash
  }
  const head = { chain, count, hash: prev, time: 1, closed: false }
  log.files.set(chain, text)
  log.heads.set(chain, headText(head))
  return head
}
const empty = (): Log => ({ files: new Map(), heads: new Map() })
const [first = '', second = ''] = names
const kinds = async (log: Log, options?: Partial<VerifyOptions>) =>
  (await check(log, options)).problems.map(({ kind }) => kind)

describe('a chain with its kept head', () => {
  const damages = fc.oneof(
    fc.record({ how: fc.constant('byte' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ how: fc.constant('drop' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ how: fc.constant('swap' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ how: fc.constant('twice' as const), at: fc.nat(), by: fc.constant(0) }),
    fc.record({ how: fc.constant('cut' as const), at: fc.nat(), by: fc.constant(0) }),
    fc.record({ how: fc.constant('insert' as const), at: fc.nat(), by: fc.constant(0) }),
  )

  const damage = (text: string, { how, at, by }: { how: string; at: number; by: number }): string => {
    const lines = text.split('\n').slice(0, -1)
    const line = at % lines.length
    const joined = (all: readonly string[]): string => all.map((one) => `${one}\n`).join('')
    switch (how) {
      case 'byte': {
        const place = at % text.length
        return text.slice(0, place) + String.fromCharCode((text.charCodeAt(place) + by) % 256) + text.slice(place + 1)
      }
      case 'drop':
        return joined(lines.toSpliced(line, by))
      case 'swap': {
        const other = (line + by) % lines.length
        return joined(lines.with(line, lines[other] ?? '').with(other, lines[line] ?? ''))
      }
      case 'twice':
        return joined(lines.toSpliced(line, 0, lines[line] ?? ''))
      case 'cut':
        return text.slice(0, at % text.length)
      default:
        return joined(lines.toSpliced(line, 0, (lines[line] ?? '').replace('reason', 'season')))
    }
  }

  test('any one byte changed, record dropped, moved, doubled, inserted, or end cut off is found', async () => {
    const whole = empty()
    write(whole, 0, 8)
    const text = whole.files.get(first) ?? ''
    await fc.assert(
      fc.asyncProperty(damages, async (how) => {
        const damaged = damage(text, how)
        if (damaged === text) return
        const report = await check({ files: new Map([[first, damaged]]), heads: whole.heads })
        expect(report.ok, JSON.stringify(how)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('an edit with all hashes after it made again is found by the head', async () => {
    const log = empty()
    write(log, 0, 5)
    const forged = empty()
    write(forged, 0, 3)
    const head = log.heads.get(first) ?? ''
    let text = forged.files.get(first) ?? ''
    let prev = (JSON.parse(text.split('\n')[2] ?? '') as { hash: string }).hash
    for (const seq of [3, 4]) {
      const event: AuditEvent = { type: 'capability_check', result: 'allowed', why: 'nothing to see' }
      const sealed = sealRecord(event, { seq, id: `${tags[0]}-${seq}`, time: 1, prev }, crypto)
      text += `${sealed.line}\n`
      prev = sealed.hash
    }
    log.files.set(first, text)
    log.heads.set(first, head)
    expect(await kinds(log)).toEqual(['head-mismatch'])
  })

  test('one record edited with its own hash made again is found by the record after it', async () => {
    const log = empty()
    write(log, 0, 5)
    const lines = (log.files.get(first) ?? '').split('\n')
    const { hash: _, ...record } = JSON.parse(lines[2] ?? '') as AuditRecord
    const { seq, id, time, prev } = record
    const forged = sealRecord({ ...record, result: 'denied' }, { seq, id, time, prev }, crypto)
    log.files.set(first, lines.with(2, forged.line).join('\n'))
    expect(await kinds(log)).toEqual(['dropped-or-reordered'])
  })

  test('the same member twice, or a space, is an edit though the hash would fit', async () => {
    const log = empty()
    write(log, 0, 3)
    const text = log.files.get(first) ?? ''
    log.files.set(first, text.replace('"result":"denied"', '"result":"allowed","result":"denied"'))
    expect(await kinds(log)).toEqual(['edited'])
    log.files.set(first, text.replace('"result":"denied"', '"result": "denied"'))
    expect(await kinds(log)).toEqual(['edited'])
  })

  test('an id that occurs twice is found, and one of another chain', async () => {
    const log = empty()
    const chain = first
    let prev = genesisHash
    let text = ''
    for (const [seq, id] of [`${tags[0]}-0`, `${tags[0]}-1`, `${tags[0]}-1`, `${tags[1]}-9`].entries()) {
      const event: AuditEvent = { type: seq === 0 ? 'log_opened' : 'approval', result: 'info', details: { chain } }
      const sealed = sealRecord(event, { seq, id, time: 1, prev }, crypto)
      text += `${sealed.line}\n`
      prev = sealed.hash
    }
    log.files.set(chain, text)
    log.heads.set(chain, headText({ chain, count: 4, hash: prev, time: 1, closed: true }))
    expect(await kinds(log)).toEqual(['duplicate-id', 'foreign'])
  })
})

describe('heads', () => {
  test('a missing, damaged or exchanged head is found; so is a record after a closed one', async () => {
    const log = empty()
    const head = write(log, 0, 3)
    log.heads.delete(first)
    expect(await kinds(log)).toEqual(['head-missing'])
    log.heads.set(first, '{}')
    expect(await kinds(log)).toEqual(['head-damaged', 'head-missing'])
    log.heads.set(first, headText({ ...head, count: 2, hash: 'f'.repeat(64) }))
    expect(await kinds(log)).toEqual(['head-mismatch'])
    const shorter = empty()
    const closed = { ...write(shorter, 0, 2), closed: true }
    log.heads.set(first, headText(closed))
    expect(await kinds(log)).toEqual(['after-close'])
  })

  test.each(['chains', 'heads'] as const)('a chain that begins as the %s are read is no problem', async (step) => {
    const log = empty()
    write(log, 0, 3)
    const still = reader(log)
    for (const late of [false, true]) {
      log.files.delete(second)
      log.heads.delete(second)
      const begin = (): unknown => log.files.has(second) || write(log, 1, 2)
      const moving: AuditReader = {
        ...still,
        [step]: async () => {
          if (!late) begin()
          const read = await still[step]()
          if (late) begin()
          return read
        },
      }
      expect(await verifyChains(moving, { crypto })).toMatchObject({ ok: true, problems: [] })
    }
  })

  test('a chain removed with its head is found by the next chain; both rewritten only by an exported head', async () => {
    const log = empty()
    const old = write(log, 0, 4)
    write(log, 1, 2, [old])
    expect((await check(log)).ok).toBe(true)
    const both: Log = {
      files: new Map([[second, log.files.get(second) ?? '']]),
      heads: new Map([[second, log.heads.get(second) ?? '']]),
    }
    expect(await kinds(both)).toEqual(['chain-missing'])

    const cut = empty()
    write(cut, 0, 3)
    cut.files.set(second, log.files.get(second) ?? '')
    cut.heads.set(second, log.heads.get(second) ?? '')
    expect(await kinds(cut)).toEqual(['tail-cut'])

    const rewritten = empty()
    write(rewritten, 0, 3)
    const report = await check(rewritten)
    expect(report.ok).toBe(true)
    expect(report.doesNotProve[0]).toMatch(/rewrite or remove both together; only a head that was exported/)
    expect(await kinds(rewritten, { anchored: [old] })).toEqual(['tail-cut'])
    expect(await kinds(empty(), { anchored: [old] })).toEqual(['chain-missing'])
  })

  test('with a signer, a head without a good signature is found', async () => {
    const sign = (text: string): string => crypto.sha256(`key${text}`)
    const signer = { verify: async (text: string, signature: string) => sign(text) === signature }
    const log = empty()
    const head = write(log, 0, 3)
    expect(await kinds(log, { signer })).toEqual(['head-unsigned'])
    const signature = sign(headSigningText(head))
    log.heads.set(first, headText({ ...head, signature }))
    expect((await check(log, { signer })).ok).toBe(true)
    log.heads.set(first, headText({ ...head, closed: true, signature }))
    expect(await kinds(log, { signer })).toEqual(['head-unsigned'])
  })

  test('records beyond the head, and a torn last line, are notes', async () => {
    const log = empty()
    const behind = write(log, 0, 2)
    write(log, 0, 4)
    log.heads.set(first, canonicalJson(behind))
    log.files.set(first, `${log.files.get(first)}{"half`)
    const report = await check(log)
    expect(report).toMatchObject({ ok: true, chains: [{ records: 4, covered: 2, torn: true }] })
    expect(report.notes).toHaveLength(2)
    expect(report.doesNotProve.join(' ')).toContain('The last 2 records')
  })
})
