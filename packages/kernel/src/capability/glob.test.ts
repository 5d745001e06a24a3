import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeGlob, matchGlob, type StepCounter } from './glob.ts'

/** The definition, slow and plain. */
const spells = (pattern: string, text: string, least: number): boolean => {
  if (pattern === '') return text === ''
  if (pattern[0] !== '*') return text[0] === pattern[0] && spells(pattern.slice(1), text.slice(1), least)
  for (let taken = least; taken <= text.length; taken++) {
    if (spells(pattern.slice(1), text.slice(taken), least)) return true
  }
  return false
}

const word = (letters: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...letters), maxLength })

test.each([0, 1] as const)('agrees with the definition when a star stands for at least %i', (least) => {
  fc.assert(
    fc.property(word('ab*', 8), word('ab', 10), (pattern, text) => {
      expect(matchGlob(makeGlob(pattern, least), text)).toBe(spells(pattern, text, least))
    }),
    { numRuns: 3000 },
  )
})

const stepsOf = (pattern: string, text: string): number => {
  const counter: StepCounter = { steps: 0 }
  matchGlob(makeGlob(pattern), text, counter)
  return counter.steps
}

test.each([
  ['twelve stars', `${'*a'.repeat(12)}*b`, 'a'],
  ['a long piece that nearly fits', `*${'a'.repeat(200)}b*`, 'a'],
  ['pieces that share borders', `*${'ab'.repeat(100)}c*${'ab'.repeat(100)}d*`, 'ab'],
  ['two thousand stars', '*'.repeat(2000), 'a'],
])('comparisons grow with the text and not faster: %s', (_name, pattern, unit) => {
  for (const length of [1000, 10_000, 100_000]) {
    const text = unit.repeat(length / unit.length)
    expect(stepsOf(pattern, text)).toBeLessThanOrEqual(2 * text.length + pattern.length)
  }
})

test('comparisons stay linear whatever the pattern', () => {
  fc.assert(
    fc.property(word('ab*', 40), word('ab', 400), (pattern, text) => {
      expect(stepsOf(pattern, text)).toBeLessThanOrEqual(2 * text.length + pattern.length)
    }),
    { numRuns: 2000 },
  )
})
