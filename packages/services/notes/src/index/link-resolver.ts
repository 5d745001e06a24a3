// Which note a link leads to. The rules of Obsidian: a path from the vault's root or the end of one, a name alone when the note
// is meant that is nearest, the case of letters aside; what no name fits may be an alias. Decides on names alone.

import { foldName, folderOf, nameOf, resolveFrom, withoutEnding } from '../markdown/note-path.ts'
import type { IndexDatabase } from './database.ts'
import { type Candidate, NotesOfName } from './names.ts'

/** A link, as far as where it leads depends on it. */
export interface LinkSpelling {
  readonly kind: string
  readonly target: string
  /** Path of the note that it stands in. */
  readonly from: string
}

/** Notes of one name that are looked at. */
const maxCandidates = 50_000
/** Names whose notes are kept ready. */
const maxKept = 20_000

const linksOf =
  'SELECT link.id, link.source, link.kind, link.target, link.note, note.path FROM link JOIN note ON note.id = link.source'

const aliasedOf =
  'SELECT note.id, note.path FROM alias JOIN note ON note.id = alias.note WHERE alias.name = ? ORDER BY note.path'

/** See the file's head. It is for one batch of questions: it keeps what it found, and would miss what changed since. */
export class LinkResolver {
  readonly #database: IndexDatabase
  readonly #names = new Map<string, NotesOfName>()

  constructor(database: IndexDatabase) {
    this.#database = database
  }

  /** The note that is meant; undefined when there is none. */
  resolve(link: LinkSpelling): number | undefined {
    const target = foldName(withoutEnding(link.target))
    const name = nameOf(target)
    if (name === '') return undefined
    return choose(link, target, this.#named(name)) ?? (target === name ? this.#aliased(name) : undefined)
  }

  /** Paths of all notes that could be meant, in the order in which they are: the first is the one that {@link resolve} finds. */
  ranked(link: LinkSpelling): string[] {
    const target = foldName(withoutEnding(link.target))
    const name = nameOf(target)
    if (name === '') return []
    const { relative, isRelative, path, folder } = read(link, target)
    const notes = this.#named(name)
    const exact = relative === undefined ? [] : notes.allAt(relative)
    const fitting = isRelative ? [] : notes.ranked(path, folder)
    const aliased = target === name ? this.#database.all(`${aliasedOf} LIMIT ?`, name, maxCandidates) : []
    return [...new Set([...exact, ...fitting, ...aliased.map((row) => String(row['path']))])]
  }

  /** Resolves the links of the notes, and all links that are written with one of the names. */
  settle(notes: ReadonlySet<number>, names: ReadonlySet<string>): void {
    for (const id of notes) {
      this.#resolveAll(`${linksOf} WHERE link.source = ?`, id)
    }
    for (const name of names) {
      this.#resolveAll(`${linksOf} WHERE link.name = ?`, name, notes)
    }
  }

  /** `done` are notes whose links are resolved already. */
  #resolveAll(sql: string, value: number | string, done?: ReadonlySet<number>): void {
    // Links of one spelling in one folder lead to one note.
    const known = new Map<string, number | null>()
    for (const { id, source, kind, target, note, path } of this.#database.all(sql, value)) {
      if (done?.has(Number(source)) === true) continue
      const spelling = { kind: String(kind), target: String(target), from: String(path) }
      const key = `${folderOf(spelling.from)}\n${spelling.kind}\n${spelling.target}`
      let resolved = known.get(key)
      if (resolved === undefined) known.set(key, (resolved = this.resolve(spelling) ?? null))
      if (resolved !== note) this.#database.run('UPDATE link SET note = ? WHERE id = ?', resolved, id ?? null)
    }
  }

  #named(name: string): NotesOfName {
    let notes = this.#names.get(name)
    if (notes === undefined) {
      if (this.#names.size >= maxKept) this.#names.clear()
      const rows = this.#database.all('SELECT id, path, key FROM note WHERE name = ? LIMIT ?', name, maxCandidates)
      this.#names.set(name, (notes = new NotesOfName(rows as unknown as Candidate[])))
    }
    return notes
  }

  #aliased(name: string): number | undefined {
    const row = this.#database.get(`${aliasedOf} LIMIT 1`, name)
    return row === undefined ? undefined : Number(row['id'])
  }
}

/** What a link names; `target` is folded and without its ending. */
const read = (link: LinkSpelling, target: string) => {
  const folder = foldName(folderOf(link.from))
  const isRelative = /^\.\.?\//.test(target)
  // A Markdown link is relative to its note first; wikilinks are so only when they say it.
  const relative = link.kind === 'markdown' || isRelative ? resolveFrom(folder, target) : undefined
  return { folder, isRelative, relative, path: target.replace(/^\//, '') }
}

const choose = (link: LinkSpelling, target: string, notes: NotesOfName): number | undefined => {
  const { relative, isRelative, path, folder } = read(link, target)
  const exact = relative === undefined ? undefined : notes.at(relative)
  if (exact !== undefined || isRelative) return exact
  return notes.nearest(path, folder)
}
