import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { discoverFolder } from './discover-node.ts'

let around: string
let folder: string

beforeEach(async () => {
  around = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-discover-')))
  folder = join(around, 'plugins')
  await mkdir(folder)
})
afterEach(() => rm(around, { recursive: true, force: true }))

const manifest = (name: string): string => `name: ${name}\nversion: 1.0.0\ntype: tool\n`

const write = async (path: string, text: string): Promise<string> => {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
  return path
}

const discover = async () => {
  const { found, skipped } = await discoverFolder(folder, 'given')
  return {
    names: found.map(({ plugin, enabled }) => `${plugin.manifest.name}${enabled ? '' : ' (disabled)'}`),
    skipped: skipped.map(({ path, error }) => [path.slice(folder.length + 1), error.code]),
    found,
  }
}

test('many plugins are found in the order of their names, folders and lone files alike, and faults in that order', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `p${String(index).padStart(3, '0')}`)
  await Promise.all(names.map((name) => write(join(folder, name, 'plugin.yaml'), manifest(name))))
  await write(join(folder, 'p050x.js'), 'export default {}\n')
  await write(join(folder, 'p010x', 'plugin.yaml'), 'name: Weather!\n')
  await write(join(folder, 'p020x', 'plugin.yaml'), manifest('p020x'))
  await write(join(folder, 'p020x', 'plugin.json'), '{}')
  await writeFile(join(folder, 'p030x.lua'), Uint8Array.of(0xff))
  await write(join(folder, 'p040x', 'notes.txt'), 'no plugin')
  await write(join(folder, '.hidden', 'plugin.yaml'), manifest('hidden'))
  const { names: listed, skipped, found } = await discover()
  expect(listed).toEqual([...names, 'p050x'].sort())
  expect(found[0]?.plugin).toMatchObject({ path: join(folder, 'p000'), root: join(folder, 'p000') })
  expect(skipped).toEqual([
    ['p010x', 'manifest.invalid'],
    ['p020x', 'manifest.ambiguous'],
    ['p030x.lua', 'artifact.invalid'],
  ])
})

test('a linked folder is no plugin of the folder, and a manifest that links out of its folder is refused', async () => {
  await write(join(around, 'elsewhere', 'plugin.yaml'), manifest('elsewhere'))
  await symlink(join(around, 'elsewhere'), join(folder, 'linked'))
  await mkdir(join(folder, 'out'))
  await symlink(join(around, 'elsewhere', 'plugin.yaml'), join(folder, 'out', 'plugin.yaml'))
  await mkdir(join(folder, 'dangling'))
  await symlink(join(around, 'nowhere'), join(folder, 'dangling', 'plugin.yaml'))
  await write(join(folder, 'within', 'src', 'manifest.yaml'), manifest('within'))
  await symlink('src/manifest.yaml', join(folder, 'within', 'plugin.yaml'))
  const { names, skipped } = await discover()
  expect(names).toEqual(['within'])
  expect(skipped).toEqual([
    ['dangling', 'artifact.missing'],
    ['out', 'artifact.outside'],
  ])
})

test('a manifest that is no file, or too large, is refused', async () => {
  await mkdir(join(folder, 'folder', 'plugin.yaml'), { recursive: true })
  await write(join(folder, 'large', 'plugin.yaml'), `${manifest('large')}${'# \n'.repeat(100_000)}`)
  await write(join(folder, 'empty', 'plugin.yaml'), '')
  expect((await discover()).skipped).toEqual([
    ['empty', 'manifest.invalid'],
    ['folder', 'artifact.missing'],
    ['large', 'manifest.too-large'],
  ])
})

test('a plugin with the marker is found as disabled', async () => {
  await write(join(folder, 'off', 'plugin.yaml'), manifest('off'))
  await write(join(folder, 'off', '.disabled'), '')
  await write(join(folder, 'on', 'plugin.yaml'), manifest('on'))
  expect((await discover()).names).toEqual(['off (disabled)', 'on'])
})

test('a folder that is missing holds none', async () => {
  expect(await discoverFolder(join(folder, 'nowhere'), 'home')).toEqual({ found: [], skipped: [] })
})
