import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorReference, errorReferencePath } from './generate-error-reference.ts'

test('the error reference says what the table says', () => {
  expect(readFileSync(errorReferencePath, 'utf8')).toBe(errorReference())
})
