import { readFile } from 'node:fs/promises'
import { runtimeConformance } from '@bulkhead/testkit'
import { openProcesses } from './running-process.ts'
import { makeProcessRuntime } from './runtime.ts'

const text = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

runtimeConformance({
  name: 'process',
  open: () => makeProcessRuntime({ hostVersion: '0.1.0' }),
  fixture: async () => ({
    entry: 'plugin.py',
    entryBytes: new TextEncoder().encode(
      `${await text('../../../../examples/python-text/bulkhead.py')}\n${await text('../test/conformance.py')}`,
    ),
    protocol: 'jsonrpc',
  }),
  leftovers: openProcesses,
  // It has one boundary, its sandbox, which is no nearer than any of these.
  boundaries: ['inline', 'thread', 'jail'],
  skip: { 'stack limit': 'a program bounds its own stack; Python fails with an exception of its own' },
})
