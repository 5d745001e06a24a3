// A plugin tries to reach another principal's keys: by separators, by odd Unicode, by listing, by cursors.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeKvFunctions, openSqliteStore } from '@bulkhead/service-kv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'

const fragments = [
  'a',
  'b',
  '#',
  ':',
  '/',
  '\0',
  '.',
  '..',
  '%',
  '_',
  '*',
  "'",
  '"',
  '--',
  ' ',
  'é',
  'e\u0301',
  '\u{10ffff}',
  '\ufeff',
  '\u202e',
]
const text = fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))

test('a principal sees its own keys and values, whatever the names of both look like', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  try {
    await using store = openSqliteStore({ file: join(folder, 'kv.db'), clock: Date })
    const functions = makeKvFunctions(store)
    const truth = new Map<string, Map<string, number>>()
    let written = 0
    await fc.assert(
      fc.asyncProperty(text, text, text, async (principal, key, prefix) => {
        const { call } = openDoor({ functions, grants: ['storage'], principal })
        const mine = truth.get(principal) ?? new Map<string, number>()
        truth.set(principal, mine)
        const before = mine.get(key)
        expect(await call('kv.get', { key })).toMatchObject({ found: before !== undefined, value: before ?? null })
        mine.set(key, ++written)
        await call('kv.set', { key, value: written })
        const expected = [...mine.keys()].filter((one) => one.startsWith(prefix))
        const bytes = (one: string): string => Buffer.from(one).toString('hex')
        expected.sort((one, two) => (bytes(one) < bytes(two) ? -1 : 1))
        expect((await call('kv.list', { prefix, limit: 1000 }))['keys']).toEqual(expected)
        // A cursor is a place in one's own list; one from elsewhere leads nowhere else.
        const { keys } = await call('kv.list', { cursor: '\0', limit: 1000 })
        for (const one of keys as string[]) expect(mine.has(one)).toBe(true)
      }),
      { numRuns: 300 },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a global or workspace key is not a plugin key, even for a principal that is named like the owner', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  try {
    await using store = openSqliteStore({ file: join(folder, 'kv.db'), clock: Date })
    const functions = makeKvFunctions(store)
    const grants = ['storage', 'storage.workspace', 'storage.global']
    const owner = openDoor({ functions, grants, principal: 'file:/a#a', workspaceRoot: '/w' })
    await owner.call('kv.set', { key: 'k', value: 'w', scope: 'workspace' })
    await owner.call('kv.set', { key: 'k', value: 'g', scope: 'global' })
    for (const principal of ['', 'root:/w', 'global', 'workspace']) {
      const { call } = openDoor({ functions, grants, principal, workspaceRoot: '/w2' })
      expect(await call('kv.list', {})).toEqual({ keys: [] })
      expect(await call('kv.list', { scope: 'workspace' })).toEqual({ keys: [] })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
