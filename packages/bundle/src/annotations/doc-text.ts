// The text inside a comment that documents something, its marks removed, line by line.

import { annotationCaps } from './annotation.ts'

/** The lines of a doc comment: of a block `/** … *\/`, or of lines that begin with `---` or `///`. */
export const docLines = (comment: string): readonly string[] => {
  const text = comment.slice(0, annotationCaps.comment)
  if (text.startsWith('/**')) {
    const inner = text.slice(3).replace(/\*\/$/, '')
    return inner.split(/\r?\n/).map((line) => line.replace(/^[ \t]*\*/, ''))
  }
  return text.split(/\r?\n/).map((line) => line.replace(/^[ \t]*(?:---|\/\/\/)/, ''))
}

/** What it says before its first tag, in one piece. */
export const docText = (comment: string): string => {
  const lines = docLines(comment)
  const tag = lines.findIndex((line) => /^\s*@/.test(line))
  return joinLines(tag < 0 ? lines : lines.slice(0, tag)).slice(0, annotationCaps.shortDescription)
}

/** Lines as text: paragraphs stay apart. */
export const joinLines = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
