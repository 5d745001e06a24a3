// Plugins of a project folder: nothing is read before it was trusted, nothing is inherited from a namesake, and a change
// takes the trust away, even while the host is open.

import { execFileSync } from 'node:child_process'
import { sep } from 'node:path'
import { trustFolder } from '@bulkhead/host'
import { beforeEach, expect, test, vi } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const touched = vi.hoisted(() => [] as string[])

vi.mock('node:fs/promises', async (original) => {
  const real = await original<Record<string, unknown>>()
  const watched = ([name, member]: [string, unknown]): [string, unknown] => {
    if (typeof member !== 'function') return [name, member]
    const run = (...args: unknown[]): unknown => {
      touched.push(`${name} ${String(args[0])}`)
      return member(...args)
    }
    return [name, run]
  }
  return Object.fromEntries(Object.entries(real).map(watched))
})

beforeEach(() => void (touched.length = 0))

const inProject = (): string[] => touched.filter((entry) => entry.includes(`${sep}.bulkhead`))
const folder = '.bulkhead/plugins'
const reader = (answer: string): { source: string; more: string } => ({
  source: `export const read = async () => '${answer} ' + (await host.fs.read({ path: 'words.txt' })).data.length`,
  more: "permissions: { filesystem: { read: ['./'] } }",
})

test('nothing in an untrusted project folder is opened, not even listed', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'evil', { source: 'export const a = () => 1', folder })
  await workspace.write(`${folder}/fifo/readme`, '')
  execFileSync('mkfifo', [`${workspace.path}/${folder}/fifo/plugin.yaml`])
  touched.length = 0
  await using host = await openWorkspaceHost(workspace, { plugins: [], discover: true })
  expect(host.listPlugins()).toEqual([])
  expect(host.skipped).toEqual([
    expect.objectContaining({ error: expect.objectContaining({ code: 'trust.required' }) }),
  ])
  await expect(host.call('evil', 'a')).rejects.toMatchObject({ code: 'plugin.unknown' })
  // The folder's own real path is the key under which trust is kept; that is all.
  expect(inProject()).toEqual([`realpath ${workspace.path}${sep}.bulkhead`])
})

test('without discovery a project folder is not even looked for, trusted or not', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'mine', { source: 'export const a = () => 1', folder })
  await trustFolder({ home: workspace.home, folder: workspace.path })
  touched.length = 0
  await using host = await openWorkspaceHost(workspace, { plugins: [] })
  expect(host.listPlugins()).toEqual([])
  expect(inProject()).toEqual([])
})

test('a trusted project plugin comes before the home’s of that name and inherits no grant by name', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('words.txt', 'ahoy')
  await writeScript(workspace, 'words', { ...reader('home'), folder: 'home/plugins' })
  const policy = { grants: { words: ['filesystem.read:./'] } }
  {
    await using host = await openWorkspaceHost(workspace, { plugins: [], discover: true, policy })
    expect(await host.call('words', 'read')).toBe('home 4')
  }
  const path = await writeScript(workspace, 'words', { ...reader('project'), folder })
  await trustFolder({ home: workspace.home, folder: workspace.path })
  await using host = await openWorkspaceHost(workspace, { plugins: [], discover: true, policy })
  expect(host.listPlugins()).toEqual([expect.objectContaining({ id: 'words', origin: 'project', path })])
  expect(host.getPluginStatus('words').grants).toEqual([])
  const refused = { code: 'capability.denied', details: { layer: 'grant' } }
  await expect(host.call('words', 'read')).rejects.toMatchObject(refused)

  // Loading it again by its path vouches for nothing either.
  expect(await host.loadPlugin(path)).toMatchObject({ origin: 'project' })
  await expect(host.call('words', 'read')).rejects.toMatchObject(refused)

  const byPrincipal = { grants: { [`file:${path}#words`]: ['filesystem.read:./'] } }
  await using granted = await openWorkspaceHost(workspace, { plugins: [], discover: true, policy: byPrincipal })
  expect(await granted.call('words', 'read')).toBe('project 4')
})

test('a project plugin that changes after it was trusted is not loaded, while the host is open or later', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'mine', { source: 'export const a = () => 1', folder })
  await trustFolder({ home: workspace.home, folder: workspace.path })
  await using host = await openWorkspaceHost(workspace, { plugins: [], discover: true })
  expect(await host.call('mine', 'a')).toBe(1)
  await host.unloadPlugin('mine')
  await workspace.write(`${folder}/mine/index.js`, 'export const a = () => 2')
  await expect(host.call('mine', 'a')).rejects.toMatchObject({ code: 'trust.required' })
  expect(host.getPluginStatus('mine').state).toBe('error')

  await using later = await openWorkspaceHost(workspace, { plugins: [], discover: true })
  expect(later.listPlugins()).toEqual([])
  expect(later.skipped).toEqual([
    expect.objectContaining({
      error: expect.objectContaining({ code: 'trust.required', message: expect.stringContaining('changed') }),
    }),
  ])
  await trustFolder({ home: workspace.home, folder: workspace.path })
  expect(await host.call('mine', 'a')).toBe(2)
})
