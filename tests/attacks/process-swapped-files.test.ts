// Another program of the same user waits for the files of a plugin to be written somewhere and puts its own in their place before
// they run: what runs is what was read and hashed.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { processWire } from '../support/process-plugin.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

let temporary: string
let before: string | undefined
beforeEach(() => {
  // The host of this test writes its temporary files here, so that no other test is disturbed.
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-swap-')))
  before = process.env['TMPDIR']
  process.env['TMPDIR'] = temporary
})
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(temporary, { recursive: true, force: true })
})

const program = (who: string): string => `const actions = { who: () => '${who}' }\n${processWire}`

/** Replaces every \`main.mjs\` below the temporary folder as soon as it is there, by a rename or in place. */
const swap = async (how: 'rename' | 'in-place'): Promise<ChildProcess> => {
  writeFileSync(join(temporary, 'evil'), program('evil'))
  const replace =
    how === 'rename'
      ? `fs.copyFileSync('evil', path + '.new'); fs.renameSync(path + '.new', path)`
      : `fs.chmodSync(path, 0o600); fs.writeFileSync(path, evil); fs.chmodSync(path, 0o500)`
  const child = spawn(process.execPath, [
    '-e',
    `const fs = require('fs'); process.chdir(${JSON.stringify(temporary)})
     const evil = fs.readFileSync('evil'); console.log('here'); const end = Date.now() + 20000
     while (Date.now() < end) {
       for (const name of fs.readdirSync('.')) {
         if (!name.startsWith('bulkhead-plugin-')) continue
         const path = name + '/main.mjs'
         try { if (!fs.readFileSync(path).equals(evil)) { ${replace} } } catch {}
       }
     }`,
  ])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

const writePlugin = async (workspace: Workspace, files: number): Promise<string> => {
  const manifest = `manifest: 1
name: p
version: 1.0.0
type: tool
execution: { tier: process, protocol: jsonrpc, entry: main.mjs, limits: { memory: 200MiB } }
actions: { who: {} }
`
  await workspace.write('plugins/p/plugin.yaml', manifest)
  await workspace.write('plugins/p/main.mjs', program('good'))
  for (let index = 0; index < files; index++) await workspace.write(`plugins/p/part/${index}.txt`, String(index))
  return `${workspace.path}/plugins/p`
}

test.runIf(linux).each(['rename', 'in-place'] as const)('a small plugin is nowhere to be changed (%s)', async (how) => {
  await using workspace = await openWorkspace()
  const at = await writePlugin(workspace, 3)
  const swapper = await swap(how)
  try {
    await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path, plugins: [at] })
    for (let round = 0; round < 5; round++) {
      expect(await host.call('p', 'who')).toBe('good')
      expect(readdirSync(temporary).filter((name) => name.startsWith('bulkhead-plugin-'))).toEqual([])
    }
  } finally {
    swapper.kill('SIGKILL')
  }
})

test.runIf(linux).each(['rename', 'in-place'] as const)(
  'a large plugin that is changed is not run (%s)',
  async (how) => {
    await using workspace = await openWorkspace()
    const at = await writePlugin(workspace, 100)
    const swapper = await swap(how)
    try {
      await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path, plugins: [at] })
      await expect(host.call('p', 'who')).rejects.toMatchObject({ code: 'artifact.changed' })
    } finally {
      swapper.kill('SIGKILL')
    }
  },
)

test.runIf(linux)('a large plugin is not run either when it is changed between two calls', async () => {
  await using workspace = await openWorkspace()
  const at = await writePlugin(workspace, 100)
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path, plugins: [at] })
  expect(await host.call('p', 'who')).toBe('good')
  const [pinned] = readdirSync(temporary).filter((name) => name.startsWith('bulkhead-plugin-'))
  // Nothing that was there is touched: a module is planted where the program would find it.
  mkdirSync(join(temporary, pinned as string, 'node_modules'))
  await expect(host.call('p', 'who')).rejects.toMatchObject({ code: 'artifact.changed' })
})

test.runIf(linux)('a plugin of many files runs, and sees its folder read-only', async () => {
  await using workspace = await openWorkspace()
  const at = await writePlugin(workspace, 100)
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path, plugins: [at] })
  for (let round = 0; round < 2; round++) expect(await host.call('p', 'who')).toBe('good')
})
