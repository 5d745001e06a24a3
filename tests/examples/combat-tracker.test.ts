import { expect, test } from 'vitest'
import { openExample, openExampleFolder } from './open-example.ts'

interface Fight {
  readonly order: readonly string[]
  readonly round: number
  readonly turn: string
  readonly happened?: string
}

const grants = ['storage', 'notes.read']
const duel = {
  encounter: 'duel',
  fighters: [
    { name: 'Dot', initiative: 5, hp: 17 },
    { name: 'Bravo', initiative: 7, hp: 20 },
    { name: 'Bravo', initiative: 5, hp: 12 },
  ],
}

test('goes through a fight: turns, rounds, conditions that end, fighters that are down', async () => {
  await using tracker = await openExample('combat-tracker.rune', { grants })
  const call = (action: string, input: object = {}) => tracker.call<Fight>(action, { encounter: 'duel', ...input })
  expect(await call('begin', duel)).toMatchObject({
    round: 1,
    turn: 'Bravo 1',
    // The highest initiative first, and those that are alike as they were given.
    order: ['7: Bravo 1, 20/20', '5: Dot, 17/17', '5: Bravo 2, 12/12'],
  })
  await call('afflict', { name: 'dot', condition: 'prone', rounds: 1 })
  await call('afflict', { name: 'Dot', condition: 'poisoned' })
  expect((await call('hurt', { name: 'Bravo 2', amount: 50 })).happened).toBe('Bravo 2 loses 50 and goes down')
  expect((await call('next')).turn).toBe('Dot')
  // Bravo 2 is down and passed over; Dot's turn has ended one condition and not the other.
  expect(await call('next')).toMatchObject({
    round: 2,
    turn: 'Bravo 1',
    order: ['7: Bravo 1, 20/20', '5: Dot, 17/17, poisoned', '5: Bravo 2, 0/12, down'],
  })
  expect((await call('heal', { name: 'Bravo 2', amount: 99 })).happened).toBe('Bravo 2 gains 12')
  await call('relieve', { name: 'Dot', condition: 'poisoned' })
  expect((await call('show')).order[1]).toBe('5: Dot, 17/17')
  expect(await call('end')).toEqual({ encounter: 'duel', rounds: 2, standing: ['Bravo 1', 'Dot', 'Bravo 2'] })
  await expect(call('show')).rejects.toThrow('there is no fight duel')
})

test('takes fighters from the table of a note, and says what is wrong with it', async () => {
  await using tracker = await openExample('combat-tracker.rune', { grants })
  const begin = (note: string) => tracker.call<Fight>('begin', { encounter: note, note })
  expect((await begin('Campaign/Encounters/The Drowned Chapel at low water')).order).toEqual([
    '5: Choir of eels 1, 18/18',
    '5: Choir of eels 2, 18/18',
    '2: Bell warden, 38/38',
  ])
  await expect(begin('Welcome')).rejects.toThrow('no table with the columns')
  await expect(begin('Nowhere')).rejects.toMatchObject({ code: 'notes.not-found' })
})

test('what several tell it at once is all kept', async () => {
  await using folder = await openExampleFolder()
  await using one = await openExample('combat-tracker.rune', { grants, folder: folder.path })
  await one.call('begin', { ...duel, fighters: [{ name: 'Wall', initiative: 1, hp: 100 }] })
  // Another host on the same store, as another terminal would be.
  await using other = await openExample('combat-tracker.rune', { grants, folder: folder.path })
  const hurt = { encounter: 'duel', name: 'Wall', amount: 1 }
  await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : other).call('hurt', hurt)))
  expect((await one.call<Fight>('show', { encounter: 'duel' })).order).toEqual(['1: Wall, 70/100'])
})

test('fights are apart from each other and outlive the host', async () => {
  await using folder = await openExampleFolder()
  {
    await using tracker = await openExample('combat-tracker.rune', { grants, folder: folder.path })
    await tracker.call('begin', duel)
    await tracker.call('begin', { ...duel, encounter: 'brawl' })
    await tracker.call('hurt', { encounter: 'duel', name: 'Dot', amount: 3 })
    await expect(tracker.call('begin', duel)).rejects.toThrow('there is a fight duel already')
  }
  await using tracker = await openExample('combat-tracker.rune', { grants, folder: folder.path })
  expect(await tracker.call('fights', {})).toEqual(['brawl', 'duel'])
  expect((await tracker.call<Fight>('show', { encounter: 'duel' })).order).toContain('5: Dot, 14/17')
  expect((await tracker.call<Fight>('show', { encounter: 'brawl' })).order).toContain('5: Dot, 17/17')
})

test('nothing is kept without a grant', async () => {
  await using tracker = await openExample('combat-tracker.rune', { grants: ['notes.read'] })
  await expect(tracker.call('begin', duel)).rejects.toMatchObject({ code: 'capability.denied' })
})
