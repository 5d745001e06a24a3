// The notes of one name, made ready for finding the one that a link means in constant time: a vault may have thousands of notes that
// are all called README, and as many links to them. Decides on names alone.

import { folderOf, nameOf } from '../markdown/note-path.ts'

/** A note that a link could mean. `key` is its path, folded, without its ending. */
export interface Candidate {
  readonly id: number
  readonly path: string
  readonly key: string
}

/** See the file's head. */
export class NotesOfName {
  readonly #candidates: readonly Candidate[]
  readonly #byKey = new Map<string, Candidate>()
  /** By every end of a path that starts at a slash, the best note that has it. */
  readonly #byEnd = new Map<string, Candidate>()

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates
    for (const candidate of candidates) {
      const { key } = candidate
      keepBetter(this.#byKey, key, candidate)
      for (let slash = key.lastIndexOf('/'); slash !== -1; slash = slash === 0 ? -1 : key.lastIndexOf('/', slash - 1)) {
        keepBetter(this.#byEnd, key.slice(slash + 1), candidate)
      }
      keepBetter(this.#byEnd, key, candidate)
    }
  }

  /** The note with this very path. */
  at(key: string): number | undefined {
    return this.#byKey.get(key)?.id
  }

  /**
   * The note that a path, or the end of one, means in a folder: the path from the root as it stands when it names folders, then
   * a note in the same folder, then the one with the fewest folders, then the order of letters.
   */
  nearest(path: string, folder: string): number | undefined {
    if (path.includes('/')) {
      const exact = this.#byKey.get(path)
      if (exact !== undefined) return exact.id
    }
    const beside = folder === '' ? nameOf(path) : `${folder}/${nameOf(path)}`
    if (beside === path || beside.endsWith(`/${path}`)) {
      const found = this.#byKey.get(beside)
      if (found !== undefined) return found.id
    }
    return this.#byEnd.get(path)?.id
  }

  /** All notes that a path, or the end of one, could mean in a folder, in the order of {@link nearest}. Takes a look at each. */
  ranked(path: string, folder: string): string[] {
    const place = ({ key }: Candidate): number =>
      key === path && path.includes('/') ? 0 : folderOf(key) === folder ? 1 : 2
    return this.#candidates
      .filter(({ key }) => key === path || key.endsWith(`/${path}`))
      .sort((one, other) => place(one) - place(other) || (isBetter(one, other) ? -1 : 1))
      .map((candidate) => candidate.path)
  }

  /** All notes with this very path. */
  allAt(key: string): string[] {
    return this.#candidates.filter((candidate) => candidate.key === key).map(({ path }) => path)
  }
}

const keepBetter = (map: Map<string, Candidate>, at: string, candidate: Candidate): void => {
  const known = map.get(at)
  if (known === undefined || isBetter(candidate, known)) map.set(at, candidate)
}

const isBetter = (one: Candidate, other: Candidate): boolean => {
  const difference = depthOf(one) - depthOf(other)
  return difference < 0 || (difference === 0 && one.path < other.path)
}

const depthOf = ({ key }: Candidate): number => (folderOf(key) === '' ? 0 : folderOf(key).split('/').length)
