import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openExample } from './open-example.ts'

interface Rolled {
  readonly total: number
  readonly groups: readonly { readonly rolls: number[]; readonly kept: number[]; readonly sum: number }[]
}

test('keeps the highest or the lowest, drops, adds and subtracts', async () => {
  await using dice = await openExample('dice-roller.rune')
  const roll = (notation: string) => dice.call<Rolled>('roll', { notation, seed: 11 })
  const [four] = (await roll('4d6')).groups
  const sorted = four?.rolls.toSorted((a, b) => a - b) ?? []
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  for (const [notation, kept] of [
    ['4d6kh3', sorted.slice(1)],
    ['4d6kl3', sorted.slice(0, 3)],
    ['4d6dl1', sorted.slice(1)],
    ['4d6dh1', sorted.slice(0, 3)],
    ['4d6k1', sorted.slice(3)],
  ] as const) {
    const { groups, total } = await roll(`${notation} + 2`)
    expect({ notation, rolls: groups[0]?.rolls, kept: groups[0]?.kept }).toEqual({ notation, rolls: four?.rolls, kept })
    expect(total).toBe(sum(kept) + 2)
  }
  expect((await roll('-4d6 - 1')).total).toBe(-sum(sorted) - 1)
})

test('every notation of the grammar gives a total within its bounds, and the same seed the same dice', async () => {
  await using dice = await openExample('dice-roller.rune')
  const group = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    sides: fc.integer({ min: 1, max: 100 }),
    bonus: fc.integer({ min: 0, max: 50 }),
  })
  await fc.assert(
    fc.asyncProperty(group, fc.integer({ min: 0, max: 2 ** 31 }), async ({ count, sides, bonus }, seed) => {
      const input = { notation: `${count}d${sides}+${bonus}`, seed }
      const { total, groups } = await dice.call<Rolled>('roll', input)
      expect(total).toBeGreaterThanOrEqual(count + bonus)
      expect(total).toBeLessThanOrEqual(count * sides + bonus)
      expect(groups[0]?.rolls).toHaveLength(count)
      expect(await dice.call('roll', input)).toEqual({ total, groups })
    }),
    { numRuns: 40 },
  )
})

test('without a seed the dice fall anew', async () => {
  await using dice = await openExample('dice-roller.rune')
  const totals = new Set<number>()
  for (let time = 0; time < 5; time++) totals.add((await dice.call<Rolled>('roll', { notation: '100d1000' })).total)
  expect(totals.size).toBeGreaterThan(1)
})

test('exploding dice pass their highest number, and end', async () => {
  await using dice = await openExample('dice-roller.rune')
  const { groups } = await dice.call<Rolled>('roll', { notation: '200d2!', seed: 3 })
  expect(Math.max(...(groups[0]?.rolls ?? []))).toBeGreaterThan(2)
})

test('what is no notation is refused with the reason', async () => {
  await using dice = await openExample('dice-roller.rune')
  for (const [notation, why] of [
    ['', 'a number or dice'],
    ['4d', 'without sides'],
    ['4d6kh5', '5 of them kept'],
    ['0d6', 'from 1 to 1000'],
    ['1001d6', 'from 1 to 1000'],
    ['1d99999', 'from 1 to 10000 sides'],
    ['1d1!', 'for ever'],
    ['4d6x', 'x at place 4'],
    ['1+1'.repeat(60), 'more than 50 parts'],
    ['9'.repeat(5000), undefined],
  ] as const) {
    const rolled = dice.call('roll', { notation })
    if (why === undefined) expect(await rolled).toMatchObject({ total: 1_000_000 })
    else await expect(rolled, notation).rejects.toThrow(why)
  }
})

test('advantage is better than a plain roll, and that than disadvantage', async () => {
  await using dice = await openExample('dice-roller.rune')
  const meanOf = async (notation: string) =>
    (await dice.call<{ mean: number }>('statistics', { notation, times: 4000, seed: 5 })).mean
  // Expected: 13.825, 10.5, 7.175; the mean of 4000 is off by a tenth at the most.
  expect(await meanOf('2d20kh1')).toBeCloseTo(13.8, 0)
  expect(await meanOf('1d20')).toBeCloseTo(10.5, 0)
  expect(await meanOf('2d20kl1')).toBeCloseTo(7.2, 0)
  const checked = await dice.call('check', { bonus: 3, target: 12, mode: 'advantage', seed: 4 })
  expect(checked).toMatchObject({ rolls: [expect.any(Number), expect.any(Number)], success: expect.any(Boolean) })
})
