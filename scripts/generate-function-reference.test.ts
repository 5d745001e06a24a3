import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { functionReference, functionReferencePath } from './generate-function-reference.ts'

test('the reference of host functions says what their declarations say', () => {
  expect(readFileSync(functionReferencePath, 'utf8')).toBe(functionReference())
})
