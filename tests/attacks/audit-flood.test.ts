// A plugin makes denied calls as fast as it can: to fill the disk, to hide one denial among many, to slow others down.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openAuditLog, queryAudit, verifyAudit } from '../../packages/host/src/audit/audit-node.ts'
import { nodeClock } from '../../packages/host/src/edge/clock-node.ts'
import { nodeCrypto } from '../../packages/host/src/edge/crypto-node.ts'

const denial = (principal: string, index: number): AuditEvent => ({
  type: 'capability_check',
  result: 'denied',
  principal,
  plugin: principal,
  function: 'fs.read',
  capabilities: [`filesystem.read:/etc/${'x'.repeat(1500)}${index}`],
  why: `no grant covers filesystem.read:/etc/${'x'.repeat(1500)}${index}`,
  callId: `c${index}`,
})

test('30,000 denials of one plugin are under a megabyte, counted exactly, and another plugin is not held up', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
  try {
    const log = await openAuditLog({ home, clock: nodeClock, crypto: nodeCrypto })
    const total = 30_000
    const flood: Promise<string>[] = []
    let floodDone = false
    for (let index = 0; index < total; index++) flood.push(log.append(denial('flooder', index), 'flush'))
    void Promise.all(flood).then(() => {
      floodDone = true
    })
    for (let turn = 0; turn < 20; turn++) await log.append(denial('quiet', turn), 'flush')
    await Promise.all(flood)
    expect(floodDone).toBe(true)
    await log[Symbol.asyncDispose]()

    const folder = join(home, 'audit')
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
    expect(names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThan(2_000_000)
    const counted = { flooder: 0, quiet: 0 }
    for await (const record of queryAudit(home, { result: 'denied' })) {
      const count = record.type === 'coalesced' ? Number(record.details?.['count']) : 1
      counted[record.principal === 'quiet' ? 'quiet' : 'flooder'] += count
    }
    expect(counted).toEqual({ flooder: total, quiet: 20 })
    expect(await verifyAudit(home, { crypto: nodeCrypto })).toMatchObject({ ok: true })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
