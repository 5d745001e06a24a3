// A program that does nothing but wait for a plugin which backs off does not end in the middle of its call.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const run = promisify(execFile)

test('a call that waits for its turn keeps the program running', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'crash: () => process.exit(7), fine: () => 5' })
  const script = `
    const { openHost } = await import('@bulkhead/host')
    await using host = await openHost({ home: ${JSON.stringify(workspace.home)}, plugins: [${JSON.stringify(`${workspace.path}/plugins`)}] })
    for (const turn of [1, 2]) await host.call('one', 'crash').catch((error) => console.log(error.code))
    console.log(host.getPluginStatus('one').health.state, await host.call('one', 'fine'))`
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@bulkhead/source', '--input-type=module', '-e', script],
    { timeout: 30_000 },
  )
  expect(stdout.trim().split('\n')).toEqual(['plugin.crashed', 'plugin.crashed', 'backing-off 5'])
})
