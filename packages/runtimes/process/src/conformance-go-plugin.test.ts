// The suite of all runtimes for a plugin that is built with HashiCorp's own library for go-plugin.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runtimeConformance } from '@bulkhead/testkit'
import { afterAll, describe } from 'vitest'
import { buildGoProgram } from '../../../../tests/support/go-program.ts'
import { openProcesses } from './running-process.ts'
import { makeProcessRuntime } from './runtime.ts'

const built = buildGoProgram(fileURLToPath(new URL('../test/conformance-go', import.meta.url)))
afterAll(() => built[Symbol.dispose]())

describe.skipIf(built.missing !== undefined)(`go-plugin ${built.missing ?? ''}`, () => {
  runtimeConformance({
    name: 'process, go-plugin',
    open: () => makeProcessRuntime({ hostVersion: '0.1.0' }),
    fixture: async () => ({
      entry: 'plugin',
      entryBytes: await readFile(built.missing === undefined ? built.program : ''),
      protocol: 'go-plugin',
    }),
    leftovers: openProcesses,
    // It has one boundary, its sandbox, which is no nearer than any of these.
    boundaries: ['inline', 'thread', 'jail'],
    skip: { 'stack limit': 'a program bounds its own stack; Go ends the process at a gigabyte of it' },
  })
})
