import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  symlinkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Clock, Crypto } from '@bulkhead/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAuditLog, queryAudit, verifyAudit } from './audit-node.ts'

// Every look at this clock is a millisecond later, so that records have an order.
let time = 1_700_000_000_000
const clock: Clock = {
  now: () => time++,
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
const crypto: Crypto = {
  newId: () => randomBytes(16).toString('hex'),
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
}
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const open = (more: object = {}) => openAuditLog({ home, clock, crypto, ...more })
const denied: AuditEvent = {
  type: 'capability_check',
  result: 'denied',
  principal: 'p#a',
  plugin: 'a',
  function: 'fs.read',
}
const files = () =>
  readdirSync(join(home, 'audit'))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
const firstFile = () => join(home, 'audit', files()[0] ?? '')
const collect = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of from) all.push(one)
  return all
}

test('a flushed record is on disk when append resolves; the log verifies and is private', async () => {
  const log = await open()
  const id = await log.append({ ...denied, why: 'no grant å \u001b[31m \ud800' }, 'flush')
  const lines = readFileSync(firstFile(), 'utf8').split('\n')
  expect(lines[1]).toContain(`"id":"${id}"`)
  expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/)
  expect((await verifyAudit(home, { crypto })).ok).toBe(true)
  await log[Symbol.asyncDispose]()
  const report = await verifyAudit(home, { crypto })
  expect(report).toMatchObject({ ok: true, chains: [{ records: 2, covered: 2, closed: true, torn: false }] })
  expect(report.doesNotProve.join(' ')).toContain('rewrite')
  expect(statSync(firstFile()).mode & 0o777).toBe(0o600)
  expect(statSync(join(home, 'audit')).mode & 0o777).toBe(0o700)
})

test('no file appears before the first record; a second log names the head of the first', async () => {
  await (await open())[Symbol.asyncDispose]()
  expect(files()).toEqual([])
  for (let turn = 0; turn < 2; turn++) {
    await using log = await open()
    await log.append(denied, 'flush')
  }
  expect(files()).toHaveLength(2)
  rmSync(firstFile())
  rmSync(join(home, 'audit', 'heads', readdirSync(join(home, 'audit', 'heads')).sort()[0] ?? ''))
  const report = await verifyAudit(home, { crypto })
  expect(report.problems).toMatchObject([{ kind: 'chain-missing' }])
})

test('a line torn by a crash is noted and not fatal, and does not hide a cut tail', async () => {
  const log = await open()
  await log.append(denied, 'flush')
  await log.flush()
  appendFileSync(firstFile(), '{"action":"ha')
  expect(await verifyAudit(home, { crypto })).toMatchObject({ ok: true, chains: [{ records: 2, torn: true }] })
  expect(await collect(queryAudit(home, { result: 'denied' }))).toHaveLength(1)
  const text = readFileSync(firstFile(), 'latin1').split('\n')
  writeFileSync(firstFile(), `${text[0]}\n${text[1]?.slice(0, 40)}`)
  expect((await verifyAudit(home, { crypto })).problems).toMatchObject([{ kind: 'tail-cut' }])
  await log[Symbol.asyncDispose]()
})

test('a folder that is moved away while the log is open is found out before the effect', async () => {
  const log = await open()
  await log.append(denied, 'flush')
  renameSync(join(home, 'audit'), join(home, 'moved'))
  await expect(log.append(denied, 'flush')).rejects.toMatchObject({ code: 'audit.unavailable' })
  await expect(log.append(denied, 'lazy')).rejects.toMatchObject({ code: 'audit.unavailable' })
  await log[Symbol.asyncDispose]()
})

test('a chain file that is exchanged for a copy while the log is open is found out before the effect', async () => {
  const log = await open()
  await log.append(denied, 'flush')
  const path = firstFile()
  const copy = readFileSync(path)
  // Moved, not removed: else the new file could get the old one's number.
  renameSync(path, join(home, 'moved'))
  writeFileSync(path, copy, { mode: 0o600 })
  await expect(log.append(denied, 'flush')).rejects.toMatchObject({ code: 'audit.unavailable' })
  await log[Symbol.asyncDispose]()
})

test('a folder that others can write to, or that is a link, is refused', async () => {
  await (await open())[Symbol.asyncDispose]()
  chmodSync(join(home, 'audit'), 0o777)
  await expect(open()).rejects.toMatchObject({ code: 'home.unsafe' })
  rmSync(join(home, 'audit'), { recursive: true })
  mkdirSync(join(home, 'elsewhere'))
  symlinkSync(join(home, 'elsewhere'), join(home, 'audit'))
  await expect(open()).rejects.toMatchObject({ code: 'home.unsafe' })
})

test('queries read across chains in order of time, and the last so many', async () => {
  await using one = await open()
  await using two = await open()
  for (let turn = 0; turn < 6; turn++) {
    await (turn % 2 === 0 ? one : two).append({ ...denied, callId: `c${turn}`, plugin: `p${turn % 2}` }, 'flush')
  }
  const all = await collect(queryAudit(home, { type: 'capability_check' }))
  expect(all.map(({ callId }) => callId)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5'])
  const last = await collect(queryAudit(home, { plugin: 'p1', limit: 2 }))
  expect(last.map(({ callId }) => callId)).toEqual(['c3', 'c5'])
  expect(await collect(queryAudit(join(home, 'nowhere')))).toEqual([])
})

test('the log rotates by size, and the chains hang together', async () => {
  {
    await using log = await open({ limits: { chainBytes: 2000, burst: 1000 } })
    for (let turn = 0; turn < 30; turn++)
      await log.append({ ...denied, callId: `c${turn}` }, turn % 3 === 0 ? 'lazy' : 'flush')
  }
  expect(files().length).toBeGreaterThan(2)
  expect(await verifyAudit(home, { crypto })).toMatchObject({ ok: true, problems: [] })
  const seen = (await collect(queryAudit(home, { type: 'capability_check' }))).map(({ callId }) => callId)
  expect(new Set(seen).size).toBe(30)
})

test('a head that cannot be put in its place leaves nothing half written behind', async () => {
  await using log = await open()
  await log.append(denied, 'flush')
  await log.flush()
  const heads = join(home, 'audit', 'heads')
  const [head = ''] = readdirSync(heads)
  rmSync(join(heads, head))
  mkdirSync(join(heads, head, 'in the way'), { recursive: true })
  await log.append(denied, 'flush').catch(() => undefined)
  await log.flush().catch(() => undefined)
  expect(readdirSync(heads)).toEqual([head])
})
