// The notes of one name, made ready for asking which of them a link means. Somebody may make thousands of them and tens of
// thousands of links to them: an answer takes no look at all of them.

import { foldName, folderOf, nameOf, resolveFrom } from '../markdown/note-path.ts'

/** A link, as far as where it leads depends on it. */
export interface LinkSpelling {
  readonly kind: string
  readonly target: string
  /** Path of the note that it stands in. */
  readonly from: string
}

/** A note that may be meant. */
export interface Namesake {
  readonly id: number
  readonly path: string
  /** Folded, without ending. */
  readonly key: string
}

/** What a link names, worked out once. */
interface Sought {
  readonly isRelative: boolean
  /** From the note's own folder; undefined where that is not how the link is read. */
  readonly relative: string | undefined
  /** From the vault's folder, or the end of such a path. */
  readonly path: string
  /** The note of that name in the folder of the link's own. */
  readonly beside: string
}

/** `target` is that of the link, folded and without ending. */
const soughtBy = ({ kind, from }: LinkSpelling, target: string): Sought => {
  const folder = foldName(folderOf(from))
  const isRelative = /^\.\.?\//.test(target)
  return {
    isRelative,
    // A Markdown link is relative to its note first; wikilinks are so only when they say it.
    relative: kind === 'markdown' || isRelative ? resolveFrom(folder, target) : undefined,
    path: target.replace(/^\//, ''),
    beside: folder === '' ? nameOf(target) : `${folder}/${nameOf(target)}`,
  }
}

const fits = (key: string, path: string): boolean => key === path || key.endsWith(`/${path}`)

/** Fewest folders first, then the order of letters. */
const isNearer = (one: Namesake, other: Namesake): boolean => {
  const difference = one.key.split('/').length - other.key.split('/').length
  return difference < 0 || (difference === 0 && one.path < other.path)
}

/** See the file's head. The order: the path as it stands, then the same folder, then the fewest folders. */
export class Namesakes {
  readonly #notes: readonly Namesake[]
  readonly #byKey = new Map<string, Namesake>()
  /** For ends of that many names: the nearest note of each. */
  readonly #byEnd = new Map<number, Map<string, Namesake>>()

  constructor(notes: readonly Namesake[]) {
    this.#notes = notes
    for (const note of notes) this.#keep(this.#byKey, note.key, note)
  }

  /** The note that is meant; undefined when there is none. */
  meant(link: LinkSpelling, target: string): Namesake | undefined {
    const { relative, isRelative, path, beside } = soughtBy(link, target)
    const exact = relative === undefined ? undefined : this.#byKey.get(relative)
    if (exact !== undefined || isRelative) return exact
    const whole = path.includes('/') ? this.#byKey.get(path) : undefined
    if (whole !== undefined) return whole
    const near = fits(beside, path) ? this.#byKey.get(beside) : undefined
    return near ?? this.#ending(path.split('/').length).get(path)
  }

  /** Paths of all that could be meant, in order. */
  ranked(link: LinkSpelling, target: string): string[] {
    const { isRelative, path, beside } = soughtBy(link, target)
    const first = this.meant(link, target)
    const fitting = isRelative ? [] : this.#notes.filter(({ key }) => fits(key, path))
    const rank = ({ key }: Namesake): number => (key === path && path.includes('/') ? 0 : key === beside ? 1 : 2)
    fitting.sort((a, b) => rank(a) - rank(b) || (isNearer(a, b) ? -1 : 1))
    return [...new Set([...(first === undefined ? [] : [first]), ...fitting].map((note) => note.path))]
  }

  #ending(count: number): Map<string, Namesake> {
    const known = this.#byEnd.get(count)
    if (known !== undefined) return known
    const made = new Map<string, Namesake>()
    for (const note of this.#notes) {
      const names = note.key.split('/')
      if (names.length >= count) this.#keep(made, names.slice(-count).join('/'), note)
    }
    this.#byEnd.set(count, made)
    return made
  }

  #keep(map: Map<string, Namesake>, key: string, note: Namesake): void {
    const known = map.get(key)
    if (known === undefined || isNearer(note, known)) map.set(key, note)
  }
}
