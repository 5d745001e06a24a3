import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { queryAudit } from '../audit/audit-node.ts'
import { isTrusted, listTrusted, previewTrust, trustFolder, untrustFolder } from './trust-node.ts'

let folder: string
let home: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-trust-'))
  home = join(folder, 'home')
  await mkdir(home)
  await mkdir(join(folder, '.bulkhead', 'plugins', 'x'), { recursive: true })
  await writeFile(join(folder, '.bulkhead', 'plugins', 'x', 'plugin.yaml'), 'name: x\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('trust is bound to the content: any change asks again', async () => {
  expect(await isTrusted({ home, folder })).toBe('untrusted')
  const trusted = await trustFolder({ home, folder })
  expect(trusted.files).toEqual(['plugins/x/plugin.yaml'])
  expect(await isTrusted({ home, folder })).toBe('trusted')
  await writeFile(join(folder, '.bulkhead', 'plugins', 'x', 'more.js'), 'x')
  expect(await isTrusted({ home, folder })).toBe('changed')
})

test('moving content between files changes the digest', async () => {
  const file = (name: string): string => join(folder, '.bulkhead', name)
  await writeFile(file('a'), 'one')
  await writeFile(file('b'), 'two')
  const before = await previewTrust({ folder })
  await writeFile(file('a'), 'onetwo')
  await writeFile(file('b'), '')
  expect((await previewTrust({ folder })).digest).not.toBe(before.digest)
})

test('a folder that changed while it was being read is not trusted', async () => {
  const shown = await previewTrust({ folder })
  await writeFile(join(folder, '.bulkhead', 'evil.js'), 'x')
  await expect(trustFolder({ home, folder, expectedDigest: shown.digest })).rejects.toMatchObject({
    code: 'trust.required',
  })
})

test('links inside are refused: their target could change without the digest noticing', async () => {
  await symlink('/etc/passwd', join(folder, '.bulkhead', 'link'))
  await expect(trustFolder({ home, folder })).rejects.toMatchObject({ code: 'artifact.outside' })
})

test('a trusted folder can be forgotten and is listed until then', async () => {
  await trustFolder({ home, folder })
  expect(await listTrusted({ home })).toHaveLength(1)
  expect(await untrustFolder({ home, folder })).toBe(true)
  expect(await untrustFolder({ home, folder })).toBe(false)
  expect(await isTrusted({ home, folder })).toBe('untrusted')
})

test('a link to a trusted project borrows no trust', async () => {
  await trustFolder({ home, folder })
  const other = join(folder, 'other')
  await mkdir(other)
  await symlink(join(folder, '.bulkhead'), join(other, '.bulkhead'))
  expect(await isTrusted({ home, folder: other })).toBe('untrusted')
  await expect(trustFolder({ home, folder: other })).rejects.toMatchObject({ code: 'artifact.outside' })
})

test('a project whose name merely ends like the folder is a project', async () => {
  const odd = join(folder, 'my.bulkhead')
  await mkdir(join(odd, '.bulkhead'), { recursive: true })
  expect((await previewTrust({ folder: odd })).path).toBe(join(odd, '.bulkhead'))
})

test('each change of trust is in the audit log', async () => {
  await trustFolder({ home, folder })
  await untrustFolder({ home, folder })
  const results: string[] = []
  for await (const { result } of queryAudit(home, { type: 'trust_changed' })) results.push(result)
  expect(results).toEqual(['allowed', 'denied'])
})
