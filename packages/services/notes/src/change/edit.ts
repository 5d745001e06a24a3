// The new text of a note out of the old one and what is to be done to it.

import { noteFailure } from '../folder/note-failure.ts'
import type { Edit } from '../wire.ts'

/** @throws NoteFailure `exists`, `not-found`, `refused` */
export const applyEdit = (
  path: string,
  edit: Edit,
  old: { readonly text: string | undefined; readonly version: string | undefined },
): string => {
  const version = old.version === undefined ? {} : { version: old.version }
  switch (edit.kind) {
    case 'create':
      if (old.text !== undefined) throw noteFailure('exists', path, version)
      return edit.content
    case 'overwrite':
      return edit.content
    case 'update':
      if (old.text === undefined) throw noteFailure('not-found', path)
      return edit.content
    case 'append':
      return old.text === undefined || old.text === '' || old.text.endsWith('\n')
        ? `${old.text ?? ''}${edit.content}`
        : `${old.text}\n${edit.content}`
    default: {
      if (old.text === undefined) throw noteFailure('not-found', path)
      const [at, further] = firstTwo(old.text, edit.find)
      if (at === undefined) throw noteFailure('refused', path, { message: 'the text to replace does not occur' })
      if (further !== undefined) {
        throw noteFailure('refused', path, { message: 'the text to replace occurs more than once' })
      }
      return old.text.slice(0, at) + edit.replace + old.text.slice(at + edit.find.length)
    }
  }
}

/** Longest text that is left to the engine, whose search takes the product of both lengths at worst. */
const shortFind = 64

/** Where a text occurs first, and next; the occurrences may overlap. Knuth, Morris and Pratt (1977): linear in both lengths. */
const firstTwo = (text: string, find: string): number[] => {
  if (find.length <= shortFind) {
    const at = text.indexOf(find)
    return [at, at === -1 ? -1 : text.indexOf(find, at + 1)].filter((place) => place !== -1)
  }
  const places: number[] = []
  const borders = bordersOf(find)
  let fitting = 0
  for (let at = 0; at < text.length && places.length < 2; at++) {
    const code = text.charCodeAt(at)
    while (fitting > 0 && (fitting === find.length || find.charCodeAt(fitting) !== code)) {
      fitting = borders[fitting - 1] ?? 0
    }
    if (find.charCodeAt(fitting) === code) fitting++
    if (fitting === find.length) places.push(at - fitting + 1)
  }
  return places
}

/** For each start of a text how much of it, less than all, is also its end. */
const bordersOf = (text: string): Int32Array => {
  const borders = new Int32Array(text.length)
  let fitting = 0
  for (let at = 1; at < text.length; at++) {
    while (fitting > 0 && text.charCodeAt(fitting) !== text.charCodeAt(at)) fitting = borders[fitting - 1] ?? 0
    if (text.charCodeAt(fitting) === text.charCodeAt(at)) fitting++
    borders[at] = fitting
  }
  return borders
}
