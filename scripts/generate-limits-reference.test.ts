import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limitsReference, limitsReferencePath } from './generate-limits-reference.ts'

test('the reference of limits says what the table says', () => {
  expect(readFileSync(limitsReferencePath, 'utf8')).toBe(limitsReference())
})
