import { readFile } from 'node:fs/promises'
import { openCompartments } from '@bulkhead/cell'
import { runtimeConformance } from '@bulkhead/testkit'
import { makeScriptRuntime } from './runtime.ts'

const interrupt = 'a guest on the host’s own thread cannot be interrupted'

runtimeConformance({
  name: 'script',
  open: makeScriptRuntime,
  fixture: async () => ({
    entry: 'main.js',
    entryBytes: await readFile(new URL('../test/conformance.js', import.meta.url)),
  }),
  leftovers: openCompartments,
  skip: {
    'inline: time limit': interrupt,
    'inline: a loop beside others': interrupt,
    'inline: cancelled while it runs': interrupt,
    'inline: unloading ends loops': interrupt,
  },
})
