import { openCompartments } from '@bulkhead/cell'
import { runtimeConformance } from '@bulkhead/testkit'
import { watFile } from '../fixtures/harness.ts'
import { makeWasmRuntime } from './runtime.ts'

const interrupt = 'a guest on the host’s own thread cannot be interrupted'

runtimeConformance({
  name: 'wasm',
  open: makeWasmRuntime,
  fixture: async () => ({ entry: 'plugin.wasm', entryBytes: await watFile('conformance') }),
  leftovers: openCompartments,
  skip: {
    'inline: time limit': interrupt,
    'inline: a loop beside others': interrupt,
    'inline: cancelled while it runs': interrupt,
    'inline: unloading ends loops': interrupt,
  },
})
