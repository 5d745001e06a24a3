// Folders that a hostile program has filled, as the host looks them over before the next start.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookOverFolder } from './granted-folder-node.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-look-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const openDescriptors = (): number => readdirSync('/proc/self/fd').length

/** Walks it, and tells how many descriptors were open at most beyond those at its beginning. */
const walk = async () => {
  const before = openDescriptors()
  const paths: string[] = []
  let most = 0
  const refuses = ({ scope = '' }: { readonly scope?: string }): boolean => {
    paths.push(scope.slice(folder.length + 1))
    most = Math.max(most, openDescriptors() - before)
    return scope.endsWith('/secret')
  }
  try {
    const report = await lookOverFolder(folder, { writes: false, refuses })
    return { report, paths, most }
  } finally {
    expect(openDescriptors()).toBe(before)
  }
}

test.runIf(process.platform === 'linux')(
  'many folders beside each other take few descriptors of the host',
  async () => {
    for (let at = 0; at < 300; at++) mkdirSync(join(folder, String(at), 'inner'), { recursive: true })
    writeFileSync(join(folder, '7', 'inner', 'secret'), '')
    const { report, paths, most } = await walk()
    expect(report).toEqual({ hidden: [join(folder, '7', 'inner', 'secret')], unwritable: undefined })
    expect(paths).toHaveLength(601)
    expect(most).toBeLessThan(10)
  },
)

test.runIf(process.platform === 'linux')('folders in each other are looked into so deep, and no deeper', async () => {
  mkdirSync(join(folder, 'x/'.repeat(200)), { recursive: true })
  expect((await walk()).paths).toHaveLength(200)
  mkdirSync(join(folder, 'y/'.repeat(300)), { recursive: true })
  await expect(walk()).rejects.toMatchObject({ code: 'sandbox.invalid' })
})
