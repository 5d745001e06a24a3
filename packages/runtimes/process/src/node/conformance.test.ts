import { readFile } from 'node:fs/promises'
import { runtimeConformance } from '@bulkhead/testkit'
import { openProcesses } from '../running-process.ts'
import { makeProcessRuntime } from '../runtime.ts'

// The artifact of the script tier, as it stands there.
runtimeConformance({
  name: 'process, in Node',
  open: () => makeProcessRuntime({ hostVersion: '0.1.0' }),
  fixture: async () => ({
    entry: 'main.js',
    entryBytes: await readFile(new URL('../../../script/test/conformance.js', import.meta.url)),
  }),
  leftovers: openProcesses,
  // It has one boundary, its sandbox, which is no nearer than any of these.
  boundaries: ['inline', 'thread', 'jail'],
})
