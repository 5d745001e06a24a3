// A process of its own for tests of the audit log: appends records, prints the id of each that was acknowledged.

import { openAuditLog } from '../../packages/host/src/audit/audit-node.ts'
import { nodeClock } from '../../packages/host/src/edge/clock-node.ts'
import { nodeCrypto } from '../../packages/host/src/edge/crypto-node.ts'

const [home = '', name = '', turns = '1'] = process.argv.slice(2)
const log = await openAuditLog({ home, clock: nodeClock, crypto: nodeCrypto })
for (let turn = 0; turn < Number(turns); turn++) {
  const record = { type: 'capability_check', result: 'allowed', principal: `test#${name}`, plugin: name } as const
  process.stdout.write(`${await log.append({ ...record, function: 'kv.set', callId: `${name}${turn}` }, 'flush')}\n`)
}
await log[Symbol.asyncDispose]()
