// Which note a link leads to. The rules of Obsidian: a path from the vault's root or the end of one, a name alone when the note
// is meant that is nearest, the case of letters aside; what no name fits may be an alias. Decides on names alone.

import { foldName, folderOf, nameOf, withoutEnding } from '../markdown/note-path.ts'
import type { IndexDatabase } from './database.ts'
import { type LinkSpelling, type Namesake, Namesakes } from './namesakes.ts'

/** Notes of one name that are looked at: a vault may have a thousand files called README. */
const maxNamesakes = 5000
/** Segments of a link's path that are looked at. No path of a note has more. */
const maxSegments = 40

const linksOf =
  'SELECT link.id, link.source, link.kind, link.target, link.note, note.path FROM link JOIN note ON note.id = link.source'
const aliasedOf =
  'SELECT note.id, note.path FROM alias JOIN note ON note.id = alias.note WHERE alias.name = ? ORDER BY note.path LIMIT ?'

/** What was looked up, for as long as no note changes its name. */
interface Known {
  readonly named: Map<string, Namesakes>
  readonly aliased: Map<string, number | undefined>
}

/** See the file's head. */
export class LinkResolver {
  readonly #database: IndexDatabase
  #known: Known | undefined

  constructor(database: IndexDatabase) {
    this.#database = database
  }

  /** Runs `act`, in which many links are resolved and no note gets another name. */
  whileSame<T>(act: () => T): T {
    this.#known = { named: new Map(), aliased: new Map() }
    try {
      return act()
    } finally {
      this.#known = undefined
    }
  }

  /** The note that is meant; undefined when there is none. */
  resolve(link: LinkSpelling): number | undefined {
    const target = targetOf(link)
    if (target === undefined) return undefined
    const name = nameOf(target)
    return this.#named(name).meant(link, target)?.id ?? (target === name ? this.#aliased(name) : undefined)
  }

  /** Paths of all notes that could be meant, in the order in which they are: the first is what {@link resolve} gives. */
  ranked(link: LinkSpelling): string[] {
    const target = targetOf(link)
    if (target === undefined) return []
    const name = nameOf(target)
    const aliased = target === name ? this.#database.all(aliasedOf, name, maxNamesakes) : []
    return [...new Set([...this.#named(name).ranked(link, target), ...aliased.map(({ path }) => String(path))])]
  }

  /** Resolves the links of the notes, and all links that are written with one of the names. */
  settle(notes: ReadonlySet<number>, names: ReadonlySet<string>): void {
    this.whileSame(() => {
      for (const id of notes) this.#resolveAll(`${linksOf} WHERE link.source = ?`, id)
      for (const name of names) this.#resolveAll(`${linksOf} WHERE link.name = ?`, name, notes)
    })
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

  #named(name: string): Namesakes {
    const known = this.#known?.named.get(name)
    if (known !== undefined) return known
    const sql = 'SELECT id, path, key FROM note WHERE name = ? LIMIT ?'
    const found = new Namesakes(this.#database.all(sql, name, maxNamesakes) as unknown as Namesake[])
    this.#known?.named.set(name, found)
    return found
  }

  #aliased(name: string): number | undefined {
    if (this.#known?.aliased.has(name) === true) return this.#known.aliased.get(name)
    const row = this.#database.get(aliasedOf, name, 1)
    const found = row === undefined ? undefined : Number(row['id'])
    this.#known?.aliased.set(name, found)
    return found
  }
}

/** What the link names, folded; undefined when that is no name. */
const targetOf = (link: LinkSpelling): string | undefined => {
  const target = foldName(withoutEnding(link.target))
  return nameOf(target) === '' || target.split('/', maxSegments + 1).length > maxSegments ? undefined : target
}
