import { readFile } from 'node:fs/promises'
import { openCompartments } from '@bulkhead/cell'
import { runtimeConformance } from '@bulkhead/testkit'
import { makeScriptRuntime } from './runtime.ts'

runtimeConformance({
  name: 'script',
  open: makeScriptRuntime,
  fixture: async () => ({
    entry: 'main.js',
    entryBytes: await readFile(new URL('../test/conformance.js', import.meta.url)),
  }),
  leftovers: openCompartments,
})
