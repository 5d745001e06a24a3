// A plugin gets long byte strings from its caller and from a host function, as Buffers that these keep, or share with others:
// what changes hands on the way to its thread is a copy, for else the plugin's call would empty them.

import { expect, test } from 'vitest'
import { bytes, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `
export const sum = (bytes) => bytes.reduce((sum, byte) => sum + byte, 0)
export const ask = async () => sum((await host.call('test.kept', {})).bytes)
`

test('buffers that somebody keeps are copied', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source, more: 'capabilities: ["test.kept"]' })
  const kept = Buffer.alloc(200_000, 5)
  const functions = [
    defineHostFunction({
      name: 'test.kept',
      input: z.object({}),
      output: z.object({ bytes: bytes() }),
      needs: () => [],
      run: () => ({ bytes: kept.subarray(100, 100_100) }),
    }),
  ]
  await using host = await openWorkspaceHost(workspace, { functions })
  const given = Buffer.alloc(200_000, 7)
  const long = Buffer.alloc(5_000_000, 1)
  for (let time = 0; time < 2; time++) {
    expect(await host.call('tool', 'sum', given)).toBe(1_400_000)
    expect(await host.call('tool', 'sum', given.subarray(5, 50_005))).toBe(350_000)
    expect(await host.call('tool', 'sum', long)).toBe(5_000_000)
    expect(await host.call('tool', 'ask', null)).toBe(500_000)
  }
  expect([given.length, kept.length, long.length]).toEqual([200_000, 200_000, 5_000_000])
})
