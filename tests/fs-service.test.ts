// The fs functions behind the door: what they do when all is well, and what is left when it is not.

import { readdirSync } from 'node:fs'
import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { type Door, openDoor } from './support/door.ts'
import { openTemporaryFolder } from './support/temporary-folder.ts'

const setUp = async (grants = ['filesystem.read:./data', 'filesystem.write:./data']) => {
  const folder = await openTemporaryFolder()
  const data = join(folder.path, 'data')
  await mkdir(data)
  const door: Door = openDoor({
    functions: makeFsFunctions(),
    grants,
    workspaceRoot: folder.path,
    limits: { fileSizeBytes: 1000 },
  })
  return { root: folder.path, data, door, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('text and bytes go in and come out', async () => {
  await using at = await setUp()
  expect(await at.door.call('fs.write', { path: 'data/a.txt', text: 'grün' })).toEqual({ bytesWritten: 5 })
  expect(await at.door.call('fs.read_text', { path: './data/a.txt' })).toEqual({ text: 'grün' })
  await at.door.call('fs.write', { path: join(at.data, 'b'), data: new Uint8Array([0, 255]) })
  expect(await at.door.call('fs.read', { path: 'data/../data/b' })).toEqual({ data: new Uint8Array([0, 255]) })
  expect(await at.door.refused('fs.read_text', { path: 'data/b' })).toMatchObject({ code: 'fs.failed' })
})

test('overwriting replaces the file, keeps its mode without set-id bits, and leaves no temporary behind', async () => {
  await using at = await setUp()
  await writeFile(join(at.data, 'a'), 'old')
  await chmod(join(at.data, 'a'), 0o4640)
  const before = await stat(join(at.data, 'a'))
  await at.door.call('fs.write', { path: 'data/a', text: 'new' })
  const after = await stat(join(at.data, 'a'))
  expect(after.ino).not.toBe(before.ino)
  expect(after.mode & 0o7777).toBe(0o640)
  expect(await readdir(at.data)).toEqual(['a'])
})

test('create never replaces; append adds; both leave no temporary behind', async () => {
  await using at = await setUp()
  await at.door.call('fs.write', { path: 'data/a', text: '1', mode: 'create' })
  expect(await at.door.refused('fs.write', { path: 'data/a', text: '2', mode: 'create' })).toMatchObject({
    code: 'fs.failed',
    details: { reason: 'EEXIST' },
  })
  await at.door.call('fs.write', { path: 'data/a', text: '2', mode: 'append' })
  await at.door.call('fs.write', { path: 'data/b', text: '3', mode: 'append' })
  expect(await readFile(join(at.data, 'a'), 'utf8')).toBe('12')
  expect(await readdir(at.data)).toEqual(['a', 'b'])
})

test('parents are made only when asked for', async () => {
  await using at = await setUp()
  const input = { path: 'data/x/y/z', text: '1' }
  expect((await at.door.refused('fs.write', input)).code).toBe('fs.not-found')
  await at.door.call('fs.write', { ...input, createParents: true })
  expect(await readFile(join(at.data, 'x/y/z'), 'utf8')).toBe('1')
  await at.door.call('fs.mkdir', { path: 'data/p/q', parents: true })
  await at.door.call('fs.mkdir', { path: 'data/p/q', parents: true })
  expect((await at.door.refused('fs.mkdir', { path: 'data/p' })).details).toMatchObject({ reason: 'EEXIST' })
})

test('list, stat, rename and remove', async () => {
  await using at = await setUp()
  await writeFile(join(at.data, 'b'), '12')
  await mkdir(join(at.data, 'a'))
  await symlink('b', join(at.data, 'c'))
  expect(await at.door.call('fs.list', { path: 'data' })).toEqual({
    entries: [
      { name: 'a', kind: 'folder' },
      { name: 'b', kind: 'file' },
      { name: 'c', kind: 'link' },
    ],
    more: false,
  })
  expect(await at.door.call('fs.stat', { path: 'data/c' })).toMatchObject({ kind: 'file', size: 2 })
  expect(await at.door.call('fs.stat', { path: 'data/' })).toMatchObject({ kind: 'folder' })
  expect((await at.door.refused('fs.stat', { path: 'data/no' })).code).toBe('fs.not-found')
  await at.door.call('fs.remove', { path: 'data/c' })
  await writeFile(join(at.data, 'd'), '')
  expect((await at.door.refused('fs.rename', { from: 'data/b', to: 'data/d' })).details).toMatchObject({
    reason: 'EEXIST',
  })
  await at.door.call('fs.rename', { from: 'data/b', to: 'data/d', overwrite: true })
  expect((await at.door.refused('fs.rename', { from: 'data/a', to: 'data/e' })).code).toBe('fs.not-regular')
  await at.door.call('fs.rename', { from: 'data/d', to: 'data/f' })
  await at.door.call('fs.remove', { path: 'data/a' })
  expect(await readdir(at.data)).toEqual(['f'])
  expect((await at.door.refused('fs.remove', { path: 'data/a' })).code).toBe('fs.not-found')
})

test('listings at the same time do not get into each other’s folders', async () => {
  await using at = await setUp()
  const names = Array.from({ length: 20 }, (_, index) => `f${index}`)
  for (const name of names) {
    await mkdir(join(at.data, name))
    await writeFile(join(at.data, name, name), '')
  }
  const asked = Array.from({ length: 400 }, (_, index) => names[index % names.length])
  const lists = await Promise.all(asked.map((name) => at.door.call('fs.list', { path: `data/${name}` })))
  expect(lists).toEqual(asked.map((name) => ({ entries: [{ name, kind: 'file' }], more: false })))
})

test('sizes are bounded when reading, writing and appending', async () => {
  await using at = await setUp()
  await writeFile(join(at.data, 'big'), 'x'.repeat(1001))
  await writeFile(join(at.data, 'fits'), 'x'.repeat(1000))
  const over = 'x'.repeat(1001)
  expect((await at.door.refused('fs.read', { path: 'data/big' })).code).toBe('limit.file-size')
  expect((await at.door.call<{ text: string }>('fs.read_text', { path: 'data/fits' })).text).toHaveLength(1000)
  for (const mode of ['create', 'overwrite', 'append']) {
    expect((await at.door.refused('fs.write', { path: 'data/n', text: over, mode })).code).toBe('limit.file-size')
  }
  const more = { path: 'data/fits', text: 'x', mode: 'append' }
  expect((await at.door.refused('fs.write', more)).code).toBe('limit.file-size')
})

test('a hard link is not written through', async () => {
  await using at = await setUp()
  await writeFile(join(at.root, 'outside'), 'old')
  await link(join(at.root, 'outside'), join(at.data, 'inside'))
  expect((await at.door.refused('fs.write', { path: 'data/inside', text: 'x', mode: 'append' })).code).toBe('fs.failed')
  await at.door.call('fs.write', { path: 'data/inside', text: 'new' })
  expect(await readFile(join(at.root, 'outside'), 'utf8')).toBe('old')
})

test('reading and writing are apart, and nothing is said about what may not be touched', async () => {
  await using at = await setUp(['filesystem.read:./data'])
  expect((await at.door.refused('fs.write', { path: 'data/a', text: '' })).code).toBe('capability.denied')
  expect((await at.door.refused('fs.read', { path: 'elsewhere/none' })).code).toBe('capability.denied')
  await using mute = await setUp(['filesystem.write:./data'])
  await writeFile(join(mute.data, 'a'), 'secret')
  for (const [name, input] of [
    ['fs.read', { path: 'data/a' }],
    ['fs.list', { path: 'data' }],
    ['fs.stat', { path: 'data/a' }],
    // What was moved could be read under its new name.
    ['fs.rename', { from: 'data/a', to: 'data/b' }],
  ] as const) {
    expect((await mute.door.refused(name, input)).code).toBe('capability.denied')
  }
})

test.runIf(process.platform === 'linux')('no descriptor is left open, whatever the end', async () => {
  await using at = await setUp()
  await writeFile(join(at.data, 'a'), '1')
  await symlink('/etc/hostname', join(at.data, 'out'))
  await symlink('loop', join(at.data, 'loop'))
  const once = async (): Promise<void> => {
    const calls: (readonly [string, object])[] = [
      ['fs.read', { path: 'data/a' }],
      ['fs.read', { path: 'data' }],
      ['fs.read', { path: 'data/none/deeper' }],
      ['fs.read', { path: 'data/a/deeper' }],
      ['fs.read', { path: 'data/out' }],
      ['fs.read', { path: 'data/loop' }],
      ['fs.write', { path: 'data/a', text: 'x'.repeat(2000) }],
      ['fs.write', { path: 'data', text: 'x' }],
      ['fs.write', { path: 'data/a', text: '1', mode: 'append' }],
      ['fs.list', { path: 'data' }],
      ['fs.list', { path: 'data/a' }],
      ['fs.rename', { from: 'data/a', to: 'data/out' }],
      ['fs.remove', { path: 'data' }],
    ]
    await Promise.allSettled(calls.map(([name, input]) => at.door.call(name, input)))
  }
  await once()
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  for (let round = 0; round < 20; round++) await once()
  expect(open()).toBe(before)
})
