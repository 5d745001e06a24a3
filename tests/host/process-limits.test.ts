// Limits that programs alone have: the manifest asks, the operator bounds, and what the kernel says holds is shown.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { obey, writeObeyingPlugin } from '../support/process-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const MiB = 1024 * 1024

const shown = async (asked: string, bounds: Record<string, number> = {}, own: Record<string, number> = {}) => {
  await using workspace = await openWorkspace()
  await writeObeyingPlugin(workspace, 'one', { execution: `  limits: { memory: 200MiB${asked} }` })
  await using host = await openHost({
    home: workspace.home,
    plugins: [`${workspace.path}/plugins`],
    policy: { limits: { memoryBytes: 200 * MiB, ...bounds }, plugins: { one: { limits: own } } },
  })
  const inside = await obey(
    host,
    'one',
    `const { blocks, bsize } = fs.statfsSync('/tmp')
     const line = fs.readFileSync('/proc/self/limits', 'utf8').split('\\n').find((each) => each.startsWith('Max open files'))
     return { openFiles: Number(line.split(/ +/)[4]), tmp: blocks * bsize }`,
  )
  const { limits, process } = host.getPluginStatus('one')
  const { processes, openFiles, tmpBytes } = limits
  return { said: { processes, openFiles, tmpBytes }, inside, applied: process?.limits }
}

test.runIf(linux).each([
  ['nothing', '', {}, {}, [64, 256, 16]],
  ['less', ', processes: 40, openFiles: 100, tmp: 2MiB', {}, {}, [40, 100, 2]],
  [
    'more than the defaults, which nobody allowed',
    ', processes: 400, openFiles: 1000, tmp: 20MiB',
    {},
    {},
    [64, 256, 16],
  ],
  [
    'more, up to what the operator allows',
    ', processes: 400, openFiles: 1000, tmp: 90MiB',
    { processes: 80, openFiles: 300, tmpBytes: 20 * MiB },
    {},
    [80, 300, 20],
  ],
  [
    'more, and the operator allows this plugin less',
    ', processes: 400, openFiles: 1000, tmp: 90MiB',
    { processes: 80, openFiles: 300, tmpBytes: 20 * MiB },
    { processes: 32, openFiles: 128, tmpBytes: 1 * MiB },
    [32, 128, 1],
  ],
] as const)('a manifest that asks for %s', async (_what, asked, bounds, own, [processes, openFiles, mebibytes]) => {
  const { said, inside, applied } = await shown(asked, bounds, own)
  const tmp = mebibytes * MiB
  expect(said).toEqual({ processes, openFiles, tmpBytes: tmp })
  expect(inside).toEqual({ openFiles, tmp })
  expect(applied).toMatchObject({ openFiles: { by: 'process', value: openFiles }, tmp: { by: 'mount', value: tmp } })
  const { by, value } = (applied as Record<string, { by: string; value?: number }>)['processes'] ?? {}
  expect(value).toBe(by === 'none' ? undefined : processes)
})

test.runIf(linux)('a limit that no program can begin under is refused in words', async () => {
  await expect(shown(', openFiles: 1')).rejects.toMatchObject({
    code: 'sandbox.invalid',
    message: expect.stringContaining('openFiles'),
  })
})
