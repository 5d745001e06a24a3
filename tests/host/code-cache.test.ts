// Rewritten modules are kept in the state folder between hosts; what somebody did to them there changes no answer.

import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { echoModule } from '../support/modules.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const echo = async (workspace: Workspace): Promise<string> => {
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'thread' } })
  const { output } = await host.invokeRaw('echo', 'echo', new TextEncoder().encode('ahoy'))
  return new TextDecoder().decode(output)
}

const setUp = async () => {
  const workspace = await openWorkspace()
  await workspace.write('plugins/echo.wasm', await echoModule())
  const folder = join(workspace.home, 'cache/modules')
  const entries = () => readdirSync(folder).map((name) => join(folder, name))
  return { workspace, entries, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() }
}

test('a second host runs what the first one kept', async () => {
  await using at = await setUp()
  expect(await echo(at.workspace)).toBe('ahoy')
  const kept = at.entries().map((path) => [path, statSync(path).ino])
  expect(kept.length).toBeGreaterThan(0)
  expect(await echo(at.workspace)).toBe('ahoy')
  expect(at.entries().map((path) => [path, statSync(path).ino])).toEqual(kept)
})

test('entries that were damaged are built again, with the same answers', async () => {
  await using at = await setUp()
  await echo(at.workspace)
  const before = at.entries().map((path) => readFileSync(path))
  for (const path of at.entries()) writeFileSync(path, readFileSync(path).fill(0, 100))
  expect(await echo(at.workspace)).toBe('ahoy')
  expect(at.entries().map((path) => readFileSync(path))).toEqual(before)
})

test('a cache that is gone, or that others can write, is done without', async () => {
  await using at = await setUp()
  await echo(at.workspace)
  chmodSync(join(at.workspace.home, 'cache/modules'), 0o777)
  expect(await echo(at.workspace)).toBe('ahoy')
  rmSync(join(at.workspace.home, 'cache'), { recursive: true })
  writeFileSync(join(at.workspace.home, 'cache'), 'not a folder')
  expect(await echo(at.workspace)).toBe('ahoy')
})
