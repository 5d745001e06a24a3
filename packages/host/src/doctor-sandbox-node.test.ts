import { BulkheadError } from '@bulkhead/kernel'
import type { SandboxReport } from '@bulkhead/sandbox'
import { expect, test } from 'vitest'
import { diagnoseSandbox } from './doctor-sandbox-node.ts'

const report: SandboxReport = {
  version: 'bubblewrap 0.8.0',
  findings: [{ name: 'files', promise: 'files do not exist', holds: true }],
  applied: {
    memory: { by: 'group', value: 1 },
    cpuSeconds: { by: 'group', value: 1 },
    processes: { by: 'group', value: 1 },
    openFiles: { by: 'process', value: 1 },
    fileSize: { by: 'process', value: 1 },
    tmp: { by: 'mount', value: 1 },
  },
}

test('what holds is told line by line', async () => {
  expect((await diagnoseSandbox(async () => report)).map(({ name, status }) => [name, status])).toEqual([
    ['sandbox', 'ok'],
    ['sandbox limits', 'ok'],
    ['sandbox files', 'ok'],
  ])
})

test('a promise that was broken fails, with what was got hold of', async () => {
  const findings = [{ name: 'files', promise: 'files do not exist', holds: false, seen: '/etc/shadow was read' }]
  const told = await diagnoseSandbox(async () => ({ ...report, findings }))
  expect(told.map(({ status }) => status)).toEqual(['fail', 'ok', 'fail'])
  expect(told[2]).toMatchObject({ detail: expect.stringContaining('/etc/shadow was read'), hint: expect.any(String) })
})

test('limits of single processes are a warning, with what they lack', async () => {
  const applied = { ...report.applied, memory: { by: 'process' }, processes: { by: 'none' } } as const
  const [, limits] = await diagnoseSandbox(async () => ({ ...report, applied }))
  expect(limits).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining(
      'memory of each process alone, processor time of the whole tree, processes not bounded',
    ),
  })
})

test('no sandbox is a failure with the command to type', async () => {
  const missing = new BulkheadError('sandbox.missing', 'This host has no bwrap', { hint: 'sudo apt-get install' })
  expect(await diagnoseSandbox(() => Promise.reject(missing))).toEqual([
    {
      name: 'sandbox',
      status: 'fail',
      detail: 'sandbox.missing: This host has no bwrap',
      hint: 'sudo apt-get install',
    },
  ])
})
