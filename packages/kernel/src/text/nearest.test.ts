import { expect, test } from 'vitest'
import { nearestNames } from './nearest.ts'

test('names within a third of the word are offered, nearest first', () => {
  expect(nearestNames('wether', ['weather', 'other', 'text-tools'])).toEqual(['weather', 'other'])
  expect(nearestNames('zzz', ['weather'])).toEqual([])
})
