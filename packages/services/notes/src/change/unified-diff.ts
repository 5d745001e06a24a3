// The difference of two texts as a unified diff, for a person or a model to look at before a change, or after it. Bounded in time
// and length: where two texts differ too much, the whole of one is replaced by the whole of the other.

/** Differing lines up to which the least difference is looked for. */
const maxEdits = 800
const contextLines = 3
const noNewline = '\n\\ No newline at end of file\n'
/** Longest diff, in characters; the rest is cut and said to be. */
const maxDiffLength = 200_000

interface Step {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

/** A unified diff; empty for equal texts. An absent text (`null`) is that of a file that is not there. */
export const unifiedDiff = (path: string, before: string | null, after: string | null): string => {
  if (before === after) return ''
  const steps = stepsBetween(linesOf(before ?? ''), linesOf(after ?? ''))
  const head = `--- ${before === null ? '/dev/null' : `a/${path}`}\n+++ ${after === null ? '/dev/null' : `b/${path}`}\n`
  const diff = head + hunks(steps)
  return diff.length <= maxDiffLength ? diff : `${diff.slice(0, maxDiffLength).toWellFormed()}\n… (cut)\n`
}

/** Lines with their ends, so that a missing last newline is a difference. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n').map((line) => `${line}\n`)
  const last = lines.pop()?.slice(0, -1) ?? ''
  return last === '' ? lines : [...lines, last]
}

const stepsBetween = (before: readonly string[], after: readonly string[]): Step[] => {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (lines: readonly string[]): Step[] => lines.map((line) => ({ mark: ' ', line }))
  return [
    ...same(before.slice(0, start)),
    ...shortest(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ]
}

/** Myers, An O(ND) Difference Algorithm (1986), with a bound on D. */
const shortest = (before: readonly string[], after: readonly string[]): Step[] => {
  const trace: Map<number, number>[] = []
  let ends = new Map<number, number>([[1, 0]])
  for (let edits = 0; edits <= Math.min(maxEdits, before.length + after.length); edits++) {
    trace.push(new Map(ends))
    const next = new Map<number, number>()
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = ends.get(diagonal + 1) ?? -1
      const right = ends.get(diagonal - 1) ?? -1
      let x = diagonal === -edits || (diagonal !== edits && right < down) ? down : right + 1
      let y = x - diagonal
      while (x < before.length && y < after.length && before[x] === after[y]) {
        x++
        y++
      }
      next.set(diagonal, x)
      if (x >= before.length && y >= after.length) return backtrack(before, after, trace)
    }
    ends = next
  }
  return [...before.map((line): Step => ({ mark: '-', line })), ...after.map((line): Step => ({ mark: '+', line }))]
}

const backtrack = (
  before: readonly string[],
  after: readonly string[],
  trace: readonly Map<number, number>[],
): Step[] => {
  const steps: Step[] = []
  let [x, y] = [before.length, after.length]
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const ends = trace[edits] as Map<number, number>
    const diagonal = x - y
    const down = ends.get(diagonal + 1) ?? -1
    const right = ends.get(diagonal - 1) ?? -1
    const isDown = diagonal === -edits || (diagonal !== edits && right < down)
    const startX = isDown ? down : right
    const startY = startX - (isDown ? diagonal + 1 : diagonal - 1)
    while (x > startX && y > startY) {
      steps.push({ mark: ' ', line: before[--x] ?? '' })
      y--
    }
    if (edits === 0) break
    if (isDown) steps.push({ mark: '+', line: after[--y] ?? '' })
    else steps.push({ mark: '-', line: before[--x] ?? '' })
  }
  return steps.reverse()
}

const hunks = (steps: readonly Step[]): string => {
  let text = ''
  let [oldLine, newLine] = [1, 1]
  for (let at = 0; at < steps.length; ) {
    if (steps[at]?.mark === ' ') {
      at++
      oldLine++
      newLine++
      continue
    }
    const before = Math.min(contextLines, at)
    let end = at
    for (let quiet = 0; end < steps.length && quiet <= 2 * contextLines; end++) {
      quiet = steps[end]?.mark === ' ' ? quiet + 1 : 0
    }
    while (end > at && steps[end - 1]?.mark === ' ') end--
    const shown = steps.slice(at - before, Math.min(steps.length, end + contextLines))
    const count = (mark: '-' | '+'): number => shown.filter((step) => step.mark === ' ' || step.mark === mark).length
    text += `@@ -${range(oldLine - before, count('-'))} +${range(newLine - before, count('+'))} @@\n`
    text += shown.map(({ mark, line }) => `${mark}${line}${line.endsWith('\n') ? '' : noNewline}`).join('')
    const passed = steps.slice(at, end)
    oldLine += passed.filter(({ mark }) => mark !== '+').length
    newLine += passed.filter(({ mark }) => mark !== '-').length
    at = end
  }
  return text
}

/** A range without lines is named by the line before it. */
const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`
