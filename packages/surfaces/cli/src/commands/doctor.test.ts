import type { DoctorFinding } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'

const findings: readonly DoctorFinding[] = [
  { name: 'node', status: 'ok', detail: 'Node 26' },
  { name: 'jail', status: 'warn', detail: 'not here', hint: 'Read this.' },
]
const libraryOf = (all: readonly DoctorFinding[]) => ({ over: { runDoctor: async () => all } })

test('warnings alone are fine', async () => {
  const { out, exitCode } = await runWith(['doctor'], { library: libraryOf(findings) })
  expect(exitCode).toBe(0)
  expect(out).toBe('✓ node  Node 26\n! jail  not here\n  hint: Read this.\n')
})

test('something that is missing exits with 6', async () => {
  const all = [...findings, { name: 'jspi', status: 'fail', detail: 'none' } as const]
  const text = await runWith(['doctor'], { library: libraryOf(all) })
  expect(text.exitCode).toBe(6)
  expect(text.out).toContain('✗ jspi  none')
  expect((await runWith(['doctor', '--json'], { library: libraryOf(all) })).json()).toMatchObject({
    ok: false,
    findings: all,
    error: { code: 'runtime.missing' },
  })
})
