import { expect, test } from 'vitest'
import { openExample } from './open-example.ts'

const grants = ['notes.read']
const path = 'Campaign/People/Mirelle Quay.md'

interface Related {
  readonly path: string
  readonly score: number
  readonly reasons: readonly string[]
}

test('what is linked both ways comes first, and each has its reasons', async () => {
  await using notes = await openExample('related-notes.ts', { grants })
  const found = await notes.call<Related[]>('related', { path, limit: 30 })
  expect(found[0]).toMatchObject({ path: 'Campaign/Factions/The Quay Company.md' })
  expect(found[0]?.reasons).toEqual(expect.arrayContaining(['linked from here', 'links here']))
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
  expect(found.map((one) => one.path)).not.toContain(path)
  const reasons = new Map(found.map((one) => [one.path, one.reasons]))
  expect(reasons.get('Slackwater/Dialogue/Dialogue Mirelle and the ferryman.md')).toContain('linked from here')
  expect(reasons.get('Welcome.md')).toContain('links here')
  const far = found.find((one) => one.reasons.some((reason) => reason.startsWith('two steps away, by ')))
  expect(far).toBeDefined()
  await expect(notes.call('related', { path: 'No such note.md' })).rejects.toThrow('there is no note No such note.md')
})

test('what may not be read is in no answer', async () => {
  await using notes = await openExample('related-notes.ts', { grants: ['notes.read:Campaign/*'] })
  const found = await notes.call<Related[]>('related', { path, limit: 50 })
  expect(found.length).toBeGreaterThan(3)
  expect(JSON.stringify(found)).not.toMatch(/Research|Slackwater|Welcome/)
  expect(JSON.stringify(await notes.call('circles', {}))).not.toMatch(/Research|Slackwater|Welcome/)
})

test('tells what much leads to, and the circles of the vault', async () => {
  await using notes = await openExample('related-notes.ts', { grants })
  const central = await notes.call<{ path: string; rank: number }[]>('central', { limit: 3, folder: 'Research' })
  expect(central).toHaveLength(3)
  expect(central.map((one) => one.path)).toContain('Research/Concepts/Harmonic analysis.md')
  const { circles, modularity } = await notes.call<{ circles: { size: number }[]; modularity: number }>('circles', {})
  // Three worlds that hang together loosely: clearly more than chance, and none swallows the rest.
  expect(modularity).toBeGreaterThan(0.4)
  expect(circles.length).toBeGreaterThanOrEqual(3)
  expect(Math.max(...circles.map(({ size }) => size))).toBeLessThan(50)
})
