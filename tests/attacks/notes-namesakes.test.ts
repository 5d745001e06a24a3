// A plugin makes thousands of notes of one name, and a note with twenty thousand links that name each in another way. The thread
// of the vault, which everybody shares, must not look at all of the former for each of the latter.

import { expect, test } from 'vitest'
import { openTestVault } from '../support/vault.ts'

test('links to thousands of namesakes are settled within a host call, and lead where they should', async () => {
  const count = 3000
  const names = Array.from({ length: count }, (_, at) => `Flood/f${at}/N.md`)
  await using vault = await openTestVault({
    ...Object.fromEntries(names.map((path) => [path, 'x'])),
    'Home.md': 'quiet',
  })
  const flooding = vault.door(['notes.read', 'notes.write:Flood/**'], { principal: 'file:/f#f' })
  const quiet = vault.door(['notes.read'], { principal: 'file:/q#q' })
  await quiet.call('notes.status', {})
  const content = Array.from({ length: 20_000 }, (_, at) => `[[f${at}/N]]`).join(' ')
  const flood = flooding.call('notes.write', { path: 'Flood/links', content })
  // It waits for the one write, and for no more than a host call may take.
  expect(await quiet.call('notes.read', { path: 'Home' })).toMatchObject({ content: 'quiet' })
  await flood
  const { links } = await quiet.call<{ links: { path: string | null }[] }>('notes.forward_links', {
    path: 'Flood/links',
  })
  expect(links.slice(0, count).map(({ path }) => path)).toEqual(names)
  expect(links.slice(count).every(({ path }) => path === null)).toBe(true)
})
