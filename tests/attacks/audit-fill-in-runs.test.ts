// A plugin that is run again and again, each time in a process of its own, and writes as much as it may each time: to fill
// the log, so that nothing more can be recorded and a fail-closed host refuses everybody.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openAuditLog, verifyAudit } from '../../packages/host/src/audit/audit-node.ts'
import { nodeClock } from '../../packages/host/src/edge/clock-node.ts'
import { nodeCrypto } from '../../packages/host/src/edge/crypto-node.ts'

const write = (principal: string): AuditEvent => ({
  type: 'capability_check',
  result: 'allowed',
  principal,
  plugin: principal,
  function: 'fs.write',
  capabilities: [`filesystem.write:/srv/${'x'.repeat(1500)}`],
})

test('after eight runs of one that fills its share, another still has its records written', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bulkhead-audit-'))
  const limits = { totalBytes: 400_000, principalBytes: 100_000 }
  try {
    for (let run = 0; run < 8; run++) {
      await using log = await openAuditLog({ home, clock: nodeClock, crypto: nodeCrypto, limits })
      const fill = async (): Promise<void> => {
        for (;;) await log.append(write('filler'), 'flush')
      }
      await expect(fill()).rejects.toMatchObject({ code: 'audit.unavailable' })
      expect(await log.append(write(`quiet ${run}`), 'flush')).not.toBe('')
    }
    expect(await verifyAudit(home, { crypto: nodeCrypto })).toMatchObject({ ok: true })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
