import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

test('a change with its surroundings', () => {
  const lines = Array.from({ length: 12 }, (_, index) => `${index + 1}\n`)
  const after = lines.map((line) => (line === '6\n' ? 'six\n' : line))
  expect(unifiedDiff('A.md', lines.join(''), after.join(''))).toBe(
    '--- a/A.md\n+++ b/A.md\n@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n',
  )
})

test('a new file, one that goes, and a last line without an end', () => {
  expect(unifiedDiff('A.md', null, 'a\n')).toBe('--- /dev/null\n+++ b/A.md\n@@ -0,0 +1,1 @@\n+a\n')
  expect(unifiedDiff('A.md', 'a\n', null)).toBe('--- a/A.md\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n')
  expect(unifiedDiff('A.md', 'a', 'a\n')).toBe(
    '--- a/A.md\n+++ b/A.md\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n',
  )
  expect(unifiedDiff('A.md', 'a', 'a')).toBe('')
})

/** Applies a diff as patch(1) does, without leniency. */
const apply = (before: string, diff: string): string => {
  const old = before === '' ? [] : (before.match(/[^\n]*\n|[^\n]+$/g) ?? [])
  const lines = diff.match(/[^\n]*\n/g) ?? []
  const out: string[] = []
  let at = 0
  for (let index = 2; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const head = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/m.exec(line)
    if (head !== null) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1)
      while (at < start) out.push(old[at++] ?? '')
      continue
    }
    const hasEnd = !(lines[index + 1] ?? '').startsWith('\\ No newline')
    const text = hasEnd ? line.slice(1) : line.slice(1, -1)
    if (line[0] === '+') out.push(text)
    else {
      expect(old[at]).toBe(text)
      if (line[0] === ' ') out.push(text)
      at++
    }
    if (!hasEnd) index++
  }
  return [...out, ...old.slice(at)].join('')
}

const text = fc
  .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', '@@\n', '-x\n', 'end'), { maxLength: 40 })
  .map((parts) => parts.join(''))

test('the diff of any two texts makes one into the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(apply(before, unifiedDiff('A.md', before, after))).toBe(after)
    }),
    { numRuns: 1000 },
  )
})

test('texts that differ everywhere are replaced as a whole, soon', () => {
  const make = (mark: string): string => Array.from({ length: 4000 }, (_, index) => `${mark} ${index}\n`).join('')
  const diff = unifiedDiff('A.md', make('a'), make('b'))
  expect(diff).toContain('@@ -1,4000 +1,4000 @@')
})
