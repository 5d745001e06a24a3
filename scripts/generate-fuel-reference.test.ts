import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fuelReference, fuelReferencePath } from './generate-fuel-reference.ts'

test('the page on fuel says what the meter charges', () => {
  expect(readFileSync(fuelReferencePath, 'utf8')).toBe(fuelReference())
})
