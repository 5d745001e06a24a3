// The tiers of cells in a jail: what holds for them on a thread holds there.

import { readFile } from 'node:fs/promises'
import { openCells, openCompartments } from '@bulkhead/cell'
import type { Runtime } from '@bulkhead/kernel'
import { makeScriptRuntime } from '@bulkhead/runtime-script'
import { makeWasmRuntime } from '@bulkhead/runtime-wasm'
import { runtimeConformance } from '@bulkhead/testkit'
import { makeJailPort } from '../../packages/host/src/edge/jail-node.ts'
import { watFile } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const inJails = (make: typeof makeWasmRuntime) => (): Runtime => {
  const cells = openCells({ jails: makeJailPort() })
  const runtime = make(cells)
  return {
    tier: runtime.tier,
    load: (artifact, options) => runtime.load(artifact, options),
    [Symbol.asyncDispose]: async () => {
      await runtime[Symbol.asyncDispose]()
      await cells[Symbol.asyncDispose]()
    },
  }
}

runtimeConformance({
  name: 'wasm in a jail',
  open: inJails(makeWasmRuntime),
  fixture: async () => ({ entry: 'plugin.wasm', entryBytes: await watFile('conformance') }),
  leftovers: openCompartments,
  boundaries: ['jail'],
  elsewhere: ['thread', 'inline'],
})

runtimeConformance({
  name: 'script in a jail',
  open: inJails(makeScriptRuntime),
  fixture: async () => ({
    entry: 'main.js',
    entryBytes: await readFile(new URL('../../packages/runtimes/script/test/conformance.js', import.meta.url)),
  }),
  leftovers: openCompartments,
  boundaries: ['jail'],
  elsewhere: ['thread', 'inline'],
})

runtimeConformance({
  name: 'script in Lua in a jail',
  open: inJails(makeScriptRuntime),
  fixture: async () => ({
    language: 'lua',
    entry: 'main.lua',
    entryBytes: await readFile(new URL('../../packages/runtimes/script/test/conformance.lua', import.meta.url)),
  }),
  leftovers: openCompartments,
  boundaries: ['jail'],
  elsewhere: ['thread', 'inline'],
})

runtimeConformance({
  name: 'script in Rune in a jail',
  open: inJails(makeScriptRuntime),
  fixture: async () => ({
    language: 'rune',
    entry: 'main.rn',
    entryBytes: await readFile(new URL('../../packages/runtimes/script/test/conformance.rn', import.meta.url)),
  }),
  leftovers: openCompartments,
  boundaries: ['jail'],
  elsewhere: ['thread', 'inline'],
})
