// What a command loads before it does anything: a person waits for it at each command.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const hook = new URL('../support/loaded-modules.ts', import.meta.url).href

/** Modules that a command loads in its own process, by package: ours by their folder, others by their name. */
const loadedBy = async (workspace: Workspace, ...args: string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const file = join(workspace.path, `loaded-${args.join('-').replaceAll('/', '_')}`)
  const env = { NODE_OPTIONS: `--import=${hook}`, BULKHEAD_TEST_LOADED: file }
  const result = await bulkhead(args, { home: workspace.home, cwd: workspace.path, env })
  expect(result).toMatchObject({ code: 0, err: '' })
  const packages = new Map<string, string[]>()
  for (const url of (await readFile(file, 'utf8')).trim().split('\n')) {
    const [, name, module] =
      /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)/.exec(url) ??
      /\/packages\/(.+?)\/(?:src|dist)\/(.*)/.exec(url) ??
      []
    if (name !== undefined && module !== undefined) packages.set(name, [...(packages.get(name) ?? []), module])
  }
  return packages
}

const namesOf = (packages: ReadonlyMap<string, unknown>): readonly string[] => [...packages.keys()].sort()

/** What somebody must have asked for by the plugin at hand. */
const costly = {
  programs: ['runtimes/process', 'go-plugin', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'protocols'],
  network: ['undici'],
  bundling: ['esbuild'],
  manifests: ['yaml', 'smol-toml'],
  terminal: ['ora', 'cli-table3'],
}
const scripts = ['runtimes/script', 'sandbox']

test.each(['--version', '--help', 'run --help'])('%s loads what holds the commands and no library', async (line) => {
  await using workspace = await openWorkspace()
  const loaded = await loadedBy(workspace, ...line.split(' '))
  expect(namesOf(loaded)).toEqual(['bin', 'commander', 'host', 'kernel', 'picocolors', 'surfaces/cli'])
  expect(loaded.get('host')?.toSorted()).toEqual(['state/home-node.ts', 'terms.ts'])
  expect(loaded.get('surfaces/cli')?.filter((module) => module.startsWith('acts/'))).toEqual([])
})

test('a list of plugins, one of each kind, loads what runs none of them', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('home/plugins/hello.js', 'export const hello = () => 1')
  await workspace.write(
    'home/plugins/program/plugin.yaml',
    'name: program\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, entry: main, protocol: go-plugin }\n',
  )
  const names = namesOf(await loadedBy(workspace, 'list'))
  expect(names).toContain('zod')
  const { terminal: _table, ...spared } = costly
  const runtimes = [...scripts, 'runtimes/wasm', ...Object.values(spared).flat()]
  expect(names.filter((name) => runtimes.includes(name))).toEqual([])
})

test('a script runs and is validated without what programs, the network and the bundler need', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('hello.js', 'export const hello = () => 1')
  for (const args of [
    ['run', './hello.js'],
    ['validate', './hello.js'],
  ]) {
    const names = namesOf(await loadedBy(workspace, ...args))
    expect(names).toEqual(expect.arrayContaining(scripts))
    expect(names.filter((name) => [...Object.values(costly).flat(), 'runtimes/wasm'].includes(name))).toEqual([])
  }
})

test('a manifest that is not plain loads the parser of its format, and a table what draws it', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('home/plugins/a/plugin.yaml', 'name: a\nversion: 1.0.0\ntype: tool\ndescription: "tab\\t"\n')
  await workspace.write('home/plugins/b/plugin.toml', 'name = "b"\nversion = "1.0.0"\ntype = "tool"\n')
  const names = namesOf(await loadedBy(workspace, 'list'))
  expect(names).toEqual(expect.arrayContaining(['cli-table3', 'smol-toml', 'yaml']))
})
