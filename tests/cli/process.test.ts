// The command as a process: signals, a reader that goes away, and nothing left behind.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s cancels the call and exits with %i', async (signal, code) => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('loop.js', "export const go = () => { console.log('spinning'); for (;;) {} }")
  const result = await bulkhead(['run', file, 'go', '--json'], {
    ...workspace,
    started: (child) => child.stderr?.once('data', () => child.kill(signal)),
  })
  expect(result.code).toBe(code)
  expect(result.json().error.code).toBe('call.cancelled')
})

test('a reader that goes away ends the command quietly', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('long.js', "export const go = () => 'x'.repeat(5_000_000)")
  const result = await bulkhead(['run', file, 'go'], {
    ...workspace,
    started: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
  })
  expect(result).toMatchObject({ code: 0, err: '' })
})

test('doctor tells what was verified', async () => {
  await using workspace = await openWorkspace()
  const result = await bulkhead(['doctor', '--json'], workspace)
  expect(result.json()).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ name: 'node', status: 'ok' })]) as unknown,
  })
})
