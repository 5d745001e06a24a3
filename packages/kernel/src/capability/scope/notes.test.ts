import { expect, test } from 'vitest'
import { findConflicts } from '../conflicts.ts'
import { matchCapability } from '../match.ts'
import { makeCapabilitySet } from '../set.ts'

test.each([
  ['notes.read', 'notes.read', true],
  ['notes.read', 'notes.read:Projects/plan.md', true],
  ['notes.read:Projects/**', 'notes.read', true],
  ['notes.read:Projects/**', 'notes.read:Projects/a/b.md', true],
  ['notes.read:Projects', 'notes.read:Projects/a.md', true],
  ['notes.read:./Projects/', 'notes.read:Projects/a.md', true],
  ['notes.read:Projects/**', 'notes.read:Projects', false],
  ['notes.read:Projects/**', 'notes.read:projects/a.md', false],
  ['notes.read:Projects', 'notes.read:ProjectsX/a.md', false],
  ['notes.read:*/public', 'notes.read:ada/public/x.md', true],
  ['notes.read:*/public', 'notes.read:ada/b/public/x.md', false],
  ['notes.read', 'notes.write:Projects/plan.md', false],
  ['notes.*', 'notes.write:Projects/plan.md', true],
  ['*.read', 'notes.read:Projects/plan.md', false],
  ['notes.read', 'notes.read:../x', false],
  ['notes.read', 'notes.read:/etc/passwd', false],
  ['notes.read', 'notes.read:a\\b', false],
])('%s against %s: %s', (pattern, capability, expected) => {
  expect(matchCapability(pattern, capability)).toBe(expected)
})

test('a denial means other spellings, and takes back a part or the whole', () => {
  const denies = makeCapabilitySet(['notes.read:Private/**'])
  expect(['notes.read:private/x.md', 'notes.read:PRIVATE/x.md'].every((each) => denies.touches(each))).toBe(true)
  expect(denies.touches('notes.read')).toBe(false)
  expect(makeCapabilitySet(['notes.read']).touches('notes.read:x.md')).toBe(true)
  expect(findConflicts(['notes.read'], ['notes.read:Private/**'])).toEqual([])
  expect(findConflicts(['notes.read:Private/**'], ['notes.read'])).toHaveLength(1)
})

test.each([
  'notes.read:/x',
  'notes.read:~/x',
  'notes.read:a/../b',
  'notes.read:.',
  'notes.read:a\\b',
  'notes.read:**/x',
])('the pattern %s is refused', (pattern) => {
  expect(() => makeCapabilitySet([pattern])).toThrow(expect.objectContaining({ code: 'capability.invalid' }))
})
