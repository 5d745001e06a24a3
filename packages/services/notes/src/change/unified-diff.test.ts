import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
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

test('a line that changes among others is the whole of the change, wherever it stands', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `${index % 3}\n`.repeat(index % 2))
  for (const at of [0, 1, 2, 20, 38, 39]) {
    const before = lines.join('')
    const after = lines.with(at, 'new\n').join('')
    const diff = unifiedDiff('A.md', before, after)
    expect(apply(before, diff)).toBe(after)
    expect(diff.match(/^[-+](?![-+])/gm)?.length).toBe(lines[at] === '' ? 1 : 2)
  }
})

/** Lines that the text is cut into. */
const cutLines = (act: () => void): number => {
  let lines = 0
  const split = vi.spyOn(String.prototype, 'split').mockImplementation(function (this: string, separator) {
    const parts = String(this).match(/[^\n]*\n|[^\n]+$/g) ?? []
    lines += parts.length
    expect(separator).toBe('\n')
    return [...parts.map((part) => part.replace(/\n$/, '')), ...(this.endsWith('\n') || this.length === 0 ? [''] : [])]
  })
  try {
    act()
  } finally {
    split.mockRestore()
  }
  return lines
}

test('what two texts have in common at their ends is not cut into lines', () => {
  const same = 'line\n'.repeat(200_000)
  expect(cutLines(() => unifiedDiff('A.md', `${same}a\n${same}`, `${same}b\n${same}`))).toBeLessThan(20)
})

test('of texts that differ in too many lines no more are made than are shown', () => {
  const diff = (): string => unifiedDiff('A.md', '\n'.repeat(1_000_000), 'x\n'.repeat(1_000_000))
  expect(cutLines(diff)).toBeLessThan(500_000)
  expect(diff()).toContain('@@ -1,1000000 +1,1000000 @@')
  expect(diff().endsWith('… (cut)\n')).toBe(true)
})
