// The difference of two texts as a unified diff, for a person or a model to look at before a change, or after it. Bounded in time
// and length: where two texts differ too much, the whole of one is replaced by the whole of the other. What the two have in common at
// their ends is passed over as text: a note may have ten million lines.

/** Differing lines up to which the least difference is looked for. */
const maxEdits = 800
/** Lines, of both texts together, among which it is looked for. */
const maxCompared = 40_000
const contextLines = 3
const noNewline = '\n\\ No newline at end of file\n'
/** Longest diff, in characters; the rest is cut and said to be. */
const maxDiffLength = 200_000
/** Characters that are compared at once where two texts are the same. */
const blockLength = 4096

interface Step {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

/** A unified diff; empty for equal texts. An absent text (`null`) is that of a file that is not there. */
export const unifiedDiff = (path: string, before: string | null, after: string | null): string => {
  if (before === after) return ''
  const head = `--- ${before === null ? '/dev/null' : `a/${path}`}\n+++ ${after === null ? '/dev/null' : `b/${path}`}\n`
  const diff = head + changeOf(before ?? '', after ?? '')
  return diff.length <= maxDiffLength ? diff : `${diff.slice(0, maxDiffLength).toWellFormed()}\n… (cut)\n`
}

const changeOf = (before: string, after: string): string => {
  const start = sameStart(before, after)
  const same = sameEnd(before, after, start)
  const [old, fresh] = [before.slice(start, before.length - same), after.slice(start, after.length - same)]
  const context = lastLines(before, start)
  const first = countLines(before, start) - context.length + 1
  const surrounded = (steps: readonly Step[]): Step[] => [
    ...context.map((line): Step => ({ mark: ' ', line })),
    ...steps,
    ...firstLines(before, before.length - same).map((line): Step => ({ mark: ' ', line })),
  ]
  const [oldLines, freshLines] = [countLines(old, old.length), countLines(fresh, fresh.length)]
  if (oldLines + freshLines <= maxCompared) return hunks(surrounded(shortest(linesOf(old), linesOf(fresh))), first)
  // More lines than are shown are not made.
  const shown = (text: string, mark: '-' | '+'): Step[] =>
    linesOf(text.slice(0, maxDiffLength)).map((line) => ({ mark, line }))
  const steps = surrounded([...shown(old, '-'), ...shown(fresh, '+')])
  const around = steps.filter(({ mark }) => mark === ' ').length
  return `@@ -${range(first, oldLines + around)} +${range(first, freshLines + around)} @@\n${linesIn(steps)}`
}

/** Length of the lines that are the same at the start of both. */
const sameStart = (one: string, other: string): number => {
  const most = Math.min(one.length, other.length)
  let at = 0
  while (at < most && one.slice(at, at + blockLength) === other.slice(at, at + blockLength)) at += blockLength
  at = Math.min(at, most)
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at++
  return at === 0 ? 0 : one.lastIndexOf('\n', at - 1) + 1
}

/** Length of the lines that are the same at the end of both, behind `start`. */
const sameEnd = (one: string, other: string, start: number): number => {
  const most = Math.min(one.length, other.length) - start
  const isSame = (from: number, to: number): boolean =>
    one.slice(one.length - to, one.length - from) === other.slice(other.length - to, other.length - from)
  let length = 0
  while (length + blockLength <= most && isSame(length, length + blockLength)) length += blockLength
  while (length < most && isSame(length, length + 1)) length++
  const isLineStart = (text: string): boolean => {
    const at = text.length - length
    return at === start || text[at - 1] === '\n'
  }
  if (isLineStart(one) && isLineStart(other)) return length
  const next = one.indexOf('\n', one.length - length)
  return next === -1 || next < one.length - length ? 0 : one.length - next - 1
}

/** Lines of the part of a text that ends at `end`; the last one need not have an end. */
const countLines = (text: string, end: number): number => {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return end > 0 && text[end - 1] !== '\n' ? lines + 1 : lines
}

/** The last lines before a line's start. */
const lastLines = (text: string, end: number): string[] => {
  let start = end
  for (let line = 0; line < contextLines && start > 0; line++) {
    start = start < 2 ? 0 : text.lastIndexOf('\n', start - 2) + 1
  }
  return linesOf(text.slice(start, end))
}

/** The first lines from a line's start on. */
const firstLines = (text: string, start: number): string[] => {
  let end = start
  for (let line = 0; line < contextLines && end < text.length; line++) {
    const next = text.indexOf('\n', end)
    end = next === -1 ? text.length : next + 1
  }
  return linesOf(text.slice(start, end))
}

/** Lines with their ends, so that a missing last newline is a difference. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n').map((line) => `${line}\n`)
  const last = lines.pop()?.slice(0, -1) ?? ''
  return last === '' ? lines : [...lines, last]
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

/** The first step is at line `first` of both texts. */
const hunks = (steps: readonly Step[], first: number): string => {
  let text = ''
  let [oldLine, newLine] = [first, first]
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
    text += linesIn(shown)
    const passed = steps.slice(at, end)
    oldLine += passed.filter(({ mark }) => mark !== '+').length
    newLine += passed.filter(({ mark }) => mark !== '-').length
    at = end
  }
  return text
}

const linesIn = (steps: readonly Step[]): string =>
  steps.map(({ mark, line }) => `${mark}${line}${line.endsWith('\n') ? '' : noNewline}`).join('')

/** A range without lines is named by the line before it. */
const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`
