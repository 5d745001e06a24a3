// Globs in which `*` is the only special character. Time is linear in the text: pieces between stars are found left to
// right with Knuth–Morris–Pratt tables, nothing is ever tried twice, and no regular expression is built from a pattern.

/** A compiled glob. */
export interface Glob {
  /** The pattern has no star. */
  readonly literal: boolean
  readonly pieces: readonly GlobPiece[]
  /** How many characters a star stands for at least. */
  readonly least: 0 | 1
}

interface GlobPiece {
  readonly text: string
  /** Length of the longest proper border of each prefix (the failure function of Knuth, Morris and Pratt, 1977). */
  readonly borders: Uint16Array
}

/** Counts comparisons, for the test that matching is linear. */
export interface StepCounter {
  steps: number
}

/** Compiles a glob; callers cap the length of `pattern` (at most 65,535 characters). */
export const makeGlob = (pattern: string, least: 0 | 1 = 0): Glob => {
  const pieces = pattern.split('*').map((text) => ({ text, borders: bordersOf(text) }))
  return { literal: pieces.length === 1, pieces, least }
}

/** Whether the glob spells the whole text. */
export const matchGlob = (glob: Glob, text: string, counter?: StepCounter): boolean => {
  const first = glob.pieces[0]?.text ?? ''
  if (glob.literal) return first === text
  const last = glob.pieces.at(-1)?.text ?? ''
  const stars = glob.pieces.length - 1
  if (text.length < first.length + last.length + stars * glob.least) return false
  if (counter !== undefined) counter.steps += first.length + last.length
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  // Leftmost placement of each piece is enough: whatever a later placement leaves over, an earlier one leaves as well.
  for (let index = 1; index < stars; index++) {
    const piece = glob.pieces[index]
    if (piece === undefined) return false
    at = findPiece(piece, { text, from: at + glob.least, end }, counter)
    if (at < 0) return false
  }
  return at + glob.least <= end
}

/** The position just after the leftmost occurrence, or -1. */
const findPiece = (
  piece: GlobPiece,
  range: { text: string; from: number; end: number },
  counter?: StepCounter,
): number => {
  const { text, from, end } = range
  if (piece.text === '') return from <= end ? from : -1
  let matched = 0
  for (let at = from; at < end; at++) {
    while (matched > 0 && piece.text.charCodeAt(matched) !== text.charCodeAt(at)) {
      if (counter !== undefined) counter.steps++
      matched = piece.borders[matched - 1] ?? 0
    }
    if (counter !== undefined) counter.steps++
    if (piece.text.charCodeAt(matched) === text.charCodeAt(at)) matched++
    if (matched === piece.text.length) return at + 1
  }
  return -1
}

const bordersOf = (text: string): Uint16Array => {
  const borders = new Uint16Array(text.length)
  for (let at = 1, matched = 0; at < text.length; at++) {
    while (matched > 0 && text.charCodeAt(matched) !== text.charCodeAt(at)) matched = borders[matched - 1] ?? 0
    if (text.charCodeAt(matched) === text.charCodeAt(at)) matched++
    borders[at] = matched
  }
  return borders
}
