// Replacing a text that occurs once, found in time linear in the lengths of both.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdit } from './edit.ts'

const replace = (text: string, find: string): string =>
  applyEdit('A.md', { kind: 'replace', find, replace: 'R' }, { text, version: undefined })

const expected = (text: string, find: string): string | RegExp => {
  const at = text.indexOf(find)
  if (at === -1) return /does not occur/
  return text.includes(find, at + 1) ? /more than once/ : text.slice(0, at) + 'R' + text.slice(at + find.length)
}

test('any text that occurs once is replaced, and any other refused', () => {
  const part = (maxLength: number) =>
    fc.array(fc.constantFrom('a', 'aaaa', 'b'), { maxLength }).map((all) => all.join(''))
  fc.assert(
    fc.property(part(300), part(40), fc.boolean(), (text, piece, isLong) => {
      const find = `a${isLong ? piece.repeat(1 + Math.ceil(70 / Math.max(1, piece.length))) : piece}`
      for (const whole of [text, text + find, `${find}b${text}`]) {
        const wanted = expected(whole, find)
        if (typeof wanted === 'string') expect(replace(whole, find)).toBe(wanted)
        else expect(() => replace(whole, find)).toThrow(wanted)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a find that fits nearly everywhere is answered', { timeout: 30_000 }, () => {
  const half = 'a'.repeat(500_000)
  // The engine's own search would take days.
  expect(() => replace('a'.repeat(5_000_000), `${half}b${half}`)).toThrow(/does not occur/)
})
