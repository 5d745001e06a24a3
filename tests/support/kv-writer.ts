// A process of its own for tests of the store: counts up a shared key, prints what was acknowledged, until its turns end. `leave` as
// the last argument: the store is never closed.

import { openSqliteStore } from '@bulkhead/service-kv'

const [file = '', name = '', turns = '1', ending = 'close'] = process.argv.slice(2)
const store = openSqliteStore({ file, clock: Date })
const caller = { principal: name }
const space = { scope: 'global', owner: '' } as const

for (let turn = 1; turn <= Number(turns); turn++) {
  for (;;) {
    const old = await store.get(space, 'count', caller)
    const next = { ...caller, quotaBytes: 1 << 20, ifVersion: old?.version ?? 0 }
    if ((await store.set(space, 'count', Number(old?.value ?? 0) + 1, next)).written) break
  }
  await store.set(space, `${name}/${turn}`, turn, { ...caller, quotaBytes: 1 << 24 })
  process.stdout.write(`${turn}\n`)
}
if (ending === 'close') await store[Symbol.asyncDispose]()
