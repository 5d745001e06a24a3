import { readFile } from 'node:fs/promises'
import { openCompartments } from '@bulkhead/cell'
import { runtimeConformance } from '@bulkhead/testkit'
import { makeScriptRuntime } from './runtime.ts'

runtimeConformance({
  name: 'script in Lua',
  open: makeScriptRuntime,
  fixture: async () => ({
    language: 'lua',
    entry: 'main.lua',
    entryBytes: await readFile(new URL('../test/conformance.lua', import.meta.url)),
  }),
  leftovers: openCompartments,
})
