// Cuts a note into passages for semantic search: sections by their headings, long ones at the ends of paragraphs.

import type { ScannedNote } from '../markdown/scan-note.ts'

/** A part of a note. */
export interface Passage {
  /** UTF-16 offset at which it starts. */
  readonly start: number
  /** What is embedded: where it stands, and its text. */
  readonly text: string
}

const aimedLength = 900
const maxLength = 1400
const leastLength = 160
/** Passages of one note; the rest of a longer one is not found by its meaning. */
const maxPassages = 64

/** The passages of a note, in order. A note without text has one: its title. */
export const cutPassages = (text: string, note: ScannedNote): Passage[] => {
  const starts = [note.bodyStart, ...note.headings.map(({ start }) => start), note.bodyEnd]
  const names = ['', ...note.headings.map((heading) => heading.text)]
  const pieces: { start: number; end: number; heading: string }[] = []
  for (const [index, heading] of names.entries()) {
    const end = starts[index + 1] ?? note.bodyEnd
    for (let start = starts[index] ?? 0; start < end && pieces.length < maxPassages; ) {
      const stop = end - start <= maxLength ? end : cutAt(text, start)
      const last = pieces.at(-1)
      // Short sections go with the one before.
      if (last !== undefined && last.end - last.start < leastLength && stop - last.start <= maxLength) last.end = stop
      else pieces.push({ start, end: stop, heading })
      start = stop
    }
  }
  const passages = pieces
    .map(({ start, end, heading }) => ({ start, heading, body: text.slice(start, end).trim() }))
    .filter(({ body }) => body !== '')
    .map(({ start, heading, body }) => ({
      start,
      text: [note.title, heading, body].filter((part) => part !== '').join('\n'),
    }))
  return passages.length > 0 ? passages : [{ start: 0, text: note.title }]
}

/** The end of a paragraph, a line or a sentence near the aimed length. */
const cutAt = (text: string, start: number): number => {
  const piece = text.slice(start, start + maxLength)
  for (const ending of ['\n\n', '\n', '. ', ' ']) {
    const at = piece.lastIndexOf(ending)
    if (at >= aimedLength / 2) return start + at + ending.length
  }
  return start + maxLength
}
