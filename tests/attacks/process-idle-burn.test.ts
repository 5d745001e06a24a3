// A program that is kept between calls answers, and then keeps the machine's processors busy while nobody calls it, saying all the
// while that it is well.

import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { listenTo, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

/** Twenty seconds of work in a thread, so that its wire answers; less where nothing ends it. */
const burn = `burn: () => { new Worker('const end = Date.now() + 20_000; while (Date.now() < end);', { eval: true }) }`

test.runIf(linux)('it is ended when it used as much as a call may, and that counts as a crash', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'busy', {
    before: `import { Worker } from 'node:worker_threads'`,
    actions: `${burn}, count: () => ++calls`,
  })
  await using host = await openWorkspaceHost(workspace, { policy: { limits: { cpuMs: 1000 } } })
  const events = listenTo(host, 'busy', ['crashed', 'restarted'])
  await host.call('busy', 'burn')
  await expect.poll(() => events, { timeout: 15_000 }).toEqual(['crashed 1'])
  expect(host.getPluginStatus('busy')?.health.reason?.code).toBe('limit.cpu')
  expect(await host.call('busy', 'count')).toBe(1)
  expect(events).toEqual(['crashed 1', 'restarted 2'])
})
