// A program that does nothing but wait for a call does not end in the middle of it.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeScript } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

/** Lines that a program writes which opens a host with the options, texts of JavaScript, and runs the body. */
const linesOf = async ({ home, path }: Workspace, options: string, body: string): Promise<readonly string[]> => {
  const script = `
    const { defineHostFunction, openHost } = await import('@bulkhead/host')
    const { z } = await import('zod')
    await using host = await openHost({ home: ${JSON.stringify(home)}, plugins: [${JSON.stringify(`${path}/plugins`)}], ${options} })
    ${body}`
  const flags = ['--conditions=@bulkhead/source', '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 30_000 })
  return stdout.trim().split('\n')
}

test('while a plugin backs off', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'crash: () => process.exit(7), fine: () => 5' })
  const body = `
    for (const turn of [1, 2]) await host.call('one', 'crash').catch((error) => console.log(error.code))
    console.log(host.getPluginStatus('one').health.state, await host.call('one', 'fine'))`
  expect(await linesOf(workspace, '', body)).toEqual(['plugin.crashed', 'plugin.crashed', 'backing-off 5'])
})

test.each(['inline', 'thread'])('while a host function does not answer, until its limit: %s', async (boundary) => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: 'export const wait = () => host.test.wait(null)' })
  const options = `
    policy: { boundary: '${boundary}', limits: { hostCallMs: 300 } },
    functions: [defineHostFunction({ name: 'test.wait', input: z.null(), output: z.null(), needs: () => [], risk: 'read-only', run: () => new Promise(() => {}) })]`
  const body = `await host.call('one', 'wait').catch((error) => console.log(error.code))`
  expect(await linesOf(workspace, options, body)).toEqual(['limit.host-call-time'])
})
