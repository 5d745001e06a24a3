// A host is killed and leaves folders and control groups; others plant names that look like such. The next host removes what
// belonged to hosts of its user that are gone, and nothing else, wherever a name may lead.

import { spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openHost } from '@bulkhead/host'
import { makeOwnerMark } from '@bulkhead/sandbox'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

let temporary: string
let before: string | undefined
beforeEach(() => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-left-')))
  before = process.env['TMPDIR']
  process.env['TMPDIR'] = temporary
})
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(temporary, { recursive: true, force: true })
})

const folders = (): readonly string[] => readdirSync(temporary).filter((name) => name.startsWith('bulkhead-plugin-'))
const groupsOf = (mark: string): readonly string[] =>
  readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes(`bulkhead-${mark}-`),
  )

/** One that is too large to be kept in memory. */
const writeLargePlugin = async (workspace: Workspace): Promise<string> => {
  const at = await writeProcessPlugin(workspace, 'large', { actions: 'up: () => 1' })
  for (let index = 0; index < 100; index++) await workspace.write(`plugins/large/part/${index}.txt`, String(index))
  return at
}

/** A host that has called the plugin; it ends with the answered handle. */
const startHost = async (workspace: Workspace, plugin: string) => {
  const script = `
    const { openHost } = await import('@bulkhead/host')
    const { makeOwnerMark } = await import('@bulkhead/sandbox')
    const host = await openHost({ home: ${JSON.stringify(workspace.home)}, plugins: [${JSON.stringify(plugin)}] })
    await host.call('large', 'up')
    console.log(makeOwnerMark())
    await new Promise((resolve) => setTimeout(resolve, 20_000))`
  const child = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const mark = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve))
  return {
    mark,
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill('SIGKILL')
      }),
  }
}

test.runIf(linux)('what a killed host left is removed, what a living one uses is not', async () => {
  await using workspace = await openWorkspace()
  const plugin = await writeLargePlugin(workspace)
  const killed = await startHost(workspace, plugin)
  const living = await startHost(workspace, plugin)
  try {
    expect(folders().length).toBe(2)
    await killed.kill()
    expect(folders().length).toBe(2)
    {
      await using host = await openHost({ home: workspace.home, plugins: [plugin] })
      expect(await host.call('large', 'up')).toBe(1)
      expect(folders().filter((name) => name.includes(killed.mark))).toEqual([])
      expect(folders().filter((name) => name.includes(living.mark)).length).toBe(1)
      expect(folders().filter((name) => name.includes(makeOwnerMark())).length).toBe(1)
    }
    // The kernel may take a moment to let go of the dead.
    await expect
      .poll(async () => {
        await using host = await openHost({ home: workspace.home, plugins: [plugin] })
        await host.call('large', 'up')
        return groupsOf(killed.mark)
      })
      .toEqual([])
  } finally {
    await living.kill()
  }
})

test.runIf(linux)('planted names lead nowhere', async () => {
  await using workspace = await openWorkspace()
  const plugin = await writeLargePlugin(workspace)
  const [namespace] = makeOwnerMark().split('-')
  const dead = `bulkhead-plugin-${namespace}-4999999-1`
  const precious = join(temporary, 'precious')
  mkdirSync(precious)
  writeFileSync(join(precious, 'file'), 'kept')
  // A link in the place of a folder, and one within a folder.
  symlinkSync(precious, join(temporary, `${dead}-aaaaaa`))
  mkdirSync(join(temporary, `${dead}-bbbbbb`))
  symlinkSync(precious, join(temporary, `${dead}-bbbbbb`, 'link'))
  // Somebody else's; a file; another namespace's, of which nobody here knows who lives there.
  mkdirSync(join(temporary, `${dead}-cccccc`))
  const isRoot = process.geteuid?.() === 0
  if (isRoot) chownSync(join(temporary, `${dead}-cccccc`), 65534, 65534)
  writeFileSync(join(temporary, `${dead}-dddddd`), '')
  mkdirSync(join(temporary, 'bulkhead-plugin-1-4999999-1-eeeeee'))

  await using host = await openHost({ home: workspace.home, plugins: [plugin] })
  expect(await host.call('large', 'up')).toBe(1)
  expect(existsSync(join(precious, 'file'))).toBe(true)
  const stay = [`${dead}-aaaaaa`, `${dead}-dddddd`, 'bulkhead-plugin-1-4999999-1-eeeeee']
  if (isRoot) stay.push(`${dead}-cccccc`)
  expect(folders().filter((name) => !name.includes(makeOwnerMark()))).toEqual(stay.sort())
})
