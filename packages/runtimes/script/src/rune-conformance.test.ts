import { readFile } from 'node:fs/promises'
import { openCompartments } from '@bulkhead/cell'
import { runtimeConformance } from '@bulkhead/testkit'
import { makeScriptRuntime } from './runtime.ts'

runtimeConformance({
  name: 'script in Rune',
  open: makeScriptRuntime,
  fixture: async () => ({
    language: 'rune',
    entry: 'main.rn',
    entryBytes: await readFile(new URL('../test/conformance.rn', import.meta.url)),
  }),
  leftovers: openCompartments,
})
