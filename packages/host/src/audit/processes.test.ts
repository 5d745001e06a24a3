// The audit log and other processes: several that write at once, and one that is killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeClock } from '../edge/clock-node.ts'
import { nodeCrypto } from '../edge/crypto-node.ts'
import { openAuditLog, queryAudit, verifyAudit } from './audit-node.ts'

const program = fileURLToPath(new URL('../../../../tests/support/audit-writer.ts', import.meta.url))
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const start = (name: string, turns: number): ChildProcess =>
  spawn(process.execPath, ['--conditions=@bulkhead/source', program, home, name, String(turns)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const exit = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)))
const verify = () => verifyAudit(home, { crypto: nodeCrypto })

test('processes that write at once each keep a chain, and a log that is being written verifies', async () => {
  const children = ['a', 'b', 'c'].map((name) => start(name, 60))
  for (const child of children) child.stdout?.resume()
  const ended = Promise.all(children.map(exit))
  expect((await verify()).problems).toEqual([])
  expect(await ended).toEqual([0, 0, 0])
  const report = await verify()
  expect(report.problems).toEqual([])
  expect(report.chains.map(({ records, closed }) => ({ records, closed }))).toEqual(
    Array.from({ length: 3 }, () => ({ records: 61, closed: true })),
  )
  const ids = new Set<string>()
  let last = 0
  for await (const { id, time } of queryAudit(home)) {
    ids.add(id)
    expect(time).toBeGreaterThanOrEqual(last)
    last = time
  }
  expect(ids.size).toBe(3 * 61)
})

test('every acknowledged record outlives a SIGKILL, the log verifies, and the next process goes on', async () => {
  const child = start('doomed', 1_000_000)
  let printed = ''
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.split('\n').length > 50) resolve()
    })
  })
  const dead = exit(child)
  child.kill('SIGKILL')
  await dead
  const acknowledged = printed.split('\n').slice(0, -1)
  {
    await using log = await openAuditLog({ home, clock: nodeClock, crypto: nodeCrypto })
    await log.append({ type: 'plugin_loaded', result: 'info' }, 'flush')
  }
  const report = await verify()
  expect(report.problems).toEqual([])
  expect(report.chains).toHaveLength(2)
  const found = new Set<string>()
  for await (const { id } of queryAudit(home)) found.add(id)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
})
