// What the command says of the sandbox of the operating system: where there is one, and where there is none.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { linux } from '../support/confined.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

interface Finding {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly hint?: string
}

/** A view of this machine on which bubblewrap cannot be run: tools are looked for at fixed places, so it is hidden where it is. */
const withoutBubblewrap = ['/usr/bin/bwrap', '--dev-bind', '/', '/', '--ro-bind', '/dev/null', '/usr/bin/bwrap', '--']

const manifest = `manifest: 1
name: native
version: 1.0.0
type: tool
execution: { tier: process, protocol: jsonrpc, entry: main.py }
actions: { go: {} }
`
const writeNative = async (workspace: Workspace): Promise<string> => {
  await workspace.write('native/plugin.yaml', manifest)
  await workspace.write('native/main.py', `open('/tmp/begun', 'w')\n`)
  return `${workspace.path}/native`
}

test.runIf(linux)('doctor tries every promise of the sandbox, and says what was read back of its limits', async () => {
  await using workspace = await openWorkspace()
  const result = await bulkhead(['doctor', '--json'], workspace)
  const findings = result.json()['findings'] as readonly Finding[]
  const ofSandbox = findings.filter(({ name }) => name.startsWith('sandbox'))
  expect(ofSandbox.length).toBeGreaterThanOrEqual(18)
  expect(ofSandbox.filter(({ status, name }) => status !== 'ok' && name !== 'sandbox limits')).toEqual([])
  expect(findings.find(({ name }) => name === 'boundary jail')).toMatchObject({ status: 'ok' })
  expect(result.code).toBe(0)
})

test.runIf(linux)('without bubblewrap doctor fails with exit code 6 and the command to type', async () => {
  await using workspace = await openWorkspace()
  const result = await bulkhead(['doctor', '--json'], { ...workspace, under: withoutBubblewrap })
  expect(result.code).toBe(6)
  const findings = result.json()['findings'] as readonly Finding[]
  expect(findings.find(({ name }) => name === 'sandbox')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('sandbox.missing'),
    hint: expect.stringContaining('apt-get install -y bubblewrap'),
  })
  expect(findings.find(({ name }) => name === 'boundary jail')).toMatchObject({ status: 'fail' })
  expect(findings.find(({ name }) => name === 'time limit')).toMatchObject({ status: 'ok' })
})

test.runIf(linux)('without bubblewrap a process plugin is refused and not run', async () => {
  await using workspace = await openWorkspace()
  const native = await writeNative(workspace)
  const result = await bulkhead(['run', native, 'go', '--json'], { ...workspace, under: withoutBubblewrap })
  expect(result.code).toBe(6)
  expect(result.json().error).toMatchObject({
    code: 'sandbox.missing',
    hint: expect.stringContaining('apt-get install -y bubblewrap'),
  })
})
