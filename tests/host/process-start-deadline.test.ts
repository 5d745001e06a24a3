// A caller whose time is up while the process for its call still starts: that is its own limit, and no fault of the program's.

import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

test.each(['jsonrpc', 'mcp'])('%s: the call ends with its time limit', async (protocol) => {
  await using workspace = await openWorkspace()
  const manifest = `manifest: 1\nname: slow\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, protocol: ${protocol}, entry: slow.mjs }\nactions: { work: { description: Never comes to it. } }\n`
  await workspace.write('plugins/slow/plugin.yaml', manifest)
  await workspace.write('plugins/slow/slow.mjs', 'process.stdin.resume()\n')
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('slow', 'work', null, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'limit.time' })
})
