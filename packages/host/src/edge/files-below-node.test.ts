import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listFilesBelow, type ListOptions, readFilesBelow } from './files-below-node.ts'

let root: string

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-below-')))
  await mkdir(join(root, 'b', '.git'), { recursive: true })
  for (const name of ['c.js', 'b/a.js', 'b/x.bin', 'b/.git/d.js']) await writeFile(join(root, name), '12345')
  await symlink('..', join(root, 'b', 'up'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const scripts: ListOptions = {
  maxFiles: 2,
  what: 'scripts',
  hint: 'Fewer.',
  takes: (entry) => entry.isFile() && entry.name.endsWith('.js'),
  skips: (entry) => entry.name === '.git',
}
const list = (over: Partial<ListOptions> = {}): Promise<string[]> => listFilesBelow(root, { ...scripts, ...over })

test('files that are taken are listed in order, links and folders that are passed over left out', async () => {
  expect(await list()).toEqual(['b/a.js', 'c.js'])
})

test('too many of them, and folders too deep, are refused', async () => {
  await expect(list({ maxFiles: 1 })).rejects.toMatchObject({ code: 'artifact.too-large', hint: 'Fewer.' })
  await mkdir(join(root, ...Array.from({ length: 65 }, () => 'd')), { recursive: true })
  await expect(list()).rejects.toMatchObject({ code: 'artifact.too-large' })
})

test('they are read up to a bound of all together', async () => {
  const read = async (maxTotalBytes: number): Promise<string[]> => {
    const names: string[] = []
    const options = { root, files: ['b/a.js', 'c.js'], maxBytes: 100, maxTotalBytes, what: 'script', hint: 'Less.' }
    for await (const [name, bytes] of readFilesBelow(options)) names.push(`${name} ${bytes.byteLength}`)
    return names
  }
  expect(await read(10)).toEqual(['b/a.js 5', 'c.js 5'])
  await expect(read(9)).rejects.toMatchObject({ code: 'artifact.too-large', hint: 'Less.' })
})
