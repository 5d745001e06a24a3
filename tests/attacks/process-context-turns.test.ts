// A user lines up calls of a plugin that keeps its process: they wait for that one process, and for nobody else's turn.

import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

test.runIf(linux)('calls that wait for the process of their own user keep no other user from calling', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'kept', { actions: 'hang: () => new Promise(() => {}), count: () => ++calls' })
  await using host = await openWorkspaceHost(workspace)
  const over = new AbortController()
  const { concurrency } = host.getPluginStatus('kept')!.limits
  const lined = Array.from({ length: concurrency + 1 }, () =>
    host.call('kept', 'hang', null, { user: 'greedy', signal: over.signal }),
  )
  const ends = Promise.allSettled(lined)
  await expect.poll(() => host.getPluginStatus('kept')?.callsRunning).toBe(concurrency + 1)
  expect(await host.call('kept', 'count', null, { user: 'modest', timeoutMs: 10_000 })).toBe(1)
  over.abort()
  expect((await ends).map(({ status }) => status)).toEqual(Array(concurrency + 1).fill('rejected'))
})
