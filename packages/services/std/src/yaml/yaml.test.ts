// What a faulty text costs: the library makes an error for each fault, and a text may be nothing but faults.

import { expect, test } from 'vitest'
import { parseYaml } from './yaml.ts'

/** How many errors are made while `act` runs, by the name that each of the library's gives itself. */
const errorsMade = (act: () => void): number => {
  const original = Object.getOwnPropertyDescriptor(Error.prototype, 'name') ?? {}
  let count = 0
  // The library's classes are out of reach here, and what they extend is not.
  // oxlint-disable-next-line eslint/no-extend-native
  Object.defineProperty(Error.prototype, 'name', {
    configurable: true,
    get: () => 'Error',
    set(this: Error, name: string) {
      if (name.startsWith('YAML')) count++
      Object.defineProperty(this, 'name', { configurable: true, writable: true, value: name })
    },
  })
  try {
    act()
  } finally {
    // oxlint-disable-next-line eslint/no-extend-native
    Object.defineProperty(Error.prototype, 'name', original)
  }
  return count
}

test.each([
  ['bad escapes', `a: "${'\\q'.repeat(1000)}"`, 'line 1, column 5: Invalid escape sequence \\q'],
  ['bad digits', `a:\n  "${'\\xzz'.repeat(1000)}"`, 'line 2, column 4: Invalid escape sequence \\xzz'],
  ['brackets that close nothing', ']'.repeat(1000), 'line 1, column 1: Unexpected flow-seq-end token'],
  ['directives', '%a\n'.repeat(1000), 'line 1, column 1: Unknown directive %a'],
  ['keys that come twice', 'a: 1\n'.repeat(1000), 'line 2, column 1: Map keys must be unique'],
  ['tags', '- !x a\n'.repeat(1000), 'line 1, column 3: Unresolved tag: !x'],
])('a text of %s ends with its first fault', (_name, text, message) => {
  let thrown: unknown
  const made = errorsMade(() => {
    try {
      parseYaml(text)
    } catch (error) {
      thrown = error
    }
  })
  expect(thrown).toMatchObject({ code: 'input.invalid', message: expect.stringContaining(message) as string })
  expect(made).toBe(1)
})

test('a second document is refused, and not left out', () => {
  expect(() => parseYaml('a: 1\n---\na: 2\n')).toThrow(/line 2, column 1: There is more than one document/)
  expect(parseYaml('---\na: 1\n...\n')).toBe('{"a":1}')
  expect(parseYaml('')).toBe('null')
})
