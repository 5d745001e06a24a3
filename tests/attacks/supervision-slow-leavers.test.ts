// A program that will not end when it is asked, called for more users than processes are kept for: those on their way out are
// bounded as those that serve.

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { processesWith, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

test('processes that refuse to leave do not add up', async () => {
  await using workspace = await openWorkspace()
  const word = `leaver-${process.pid}`
  await writeProcessPlugin(workspace, 'one', {
    actions: 'count: () => ++calls',
    before: `process.title = '${word}'; process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`,
    methods: 'shutdown: () => silent',
    closed: '',
    more: 'actions: { count: {} }\nlifecycle: { graceful_shutdown_timeout: 800ms }',
  })
  await using host = await openWorkspaceHost(workspace, { policy: { limits: { concurrency: 4 } } })
  const over = new AbortController()
  let most = 0
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(10)) most = Math.max(most, processesWith(word).length)
  })()
  const users = Array.from({ length: 40 }, (_, user) => String(user))
  const lane = async (): Promise<void> => {
    for (let user = users.pop(); user !== undefined; user = users.pop()) {
      expect(await host.call('one', 'count', null, { user })).toBe(1)
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  over.abort()
  await watching
  expect(most).toBeGreaterThan(8)
  // Kept, on their way out, and of each lane one that begins and one that it made room for.
  expect(most).toBeLessThanOrEqual(8 + 8 + 2 * 4)
})
