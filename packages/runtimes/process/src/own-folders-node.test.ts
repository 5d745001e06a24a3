// What a host leaves that was killed, and what is none of the next one's business.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeOwnFolder } from './own-folders-node.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-own-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const linux = process.platform === 'linux'

/** Has another process make one, and end without removing it. */
const leave = (): string => {
  const module = new URL('own-folders-node.ts', import.meta.url).href
  const text = `const { makeOwnFolder } = await import(${JSON.stringify(module)}); process.stdout.write(await makeOwnFolder(${JSON.stringify(folder)}))`
  return execFileSync(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', text]).toString()
}

test.runIf(linux)(
  'folders of a process that is gone are removed with what is in them, and those of one that runs stay',
  async () => {
    const left = leave()
    mkdirSync(join(left, 'inner'))
    writeFileSync(join(left, 'inner', 'file'), 'x', { mode: 0o400 })
    const [first, second] = [await makeOwnFolder(folder), await makeOwnFolder(folder)]
    expect(readdirSync(folder).sort()).toEqual([basename(first), basename(second)].sort())
  },
)

test.runIf(linux)(
  'a number that another process has by now protects nothing, and one of another namespace says nothing',
  async () => {
    const [, , namespace = '', pid, began = ''] = basename(await makeOwnFolder(folder)).split('-')
    const nameOf = (...parts: readonly unknown[]): string => `bulkhead-plugin-${parts.join('-')}-abcdef`
    mkdirSync(join(folder, nameOf(namespace, pid, `${began}1`)))
    mkdirSync(join(folder, nameOf(`${namespace}1`, 1, 1)))
    await makeOwnFolder(folder)
    const names = readdirSync(folder)
    expect(names).not.toContain(nameOf(namespace, pid, `${began}1`))
    expect(names).toContain(nameOf(`${namespace}1`, 1, 1))
  },
)

test.runIf(linux)('a link or a file of such a name leads nowhere and stays', async () => {
  const [, , namespace] = basename(await makeOwnFolder(folder)).split('-')
  const kept = join(folder, 'kept')
  mkdirSync(kept)
  writeFileSync(join(kept, 'file'), 'x')
  const link = `bulkhead-plugin-${namespace}-${process.pid}-1-linked`
  symlinkSync(kept, join(folder, link))
  await makeOwnFolder(folder)
  expect(readdirSync(folder)).toContain(link)
  expect(readdirSync(kept)).toEqual(['file'])
})
