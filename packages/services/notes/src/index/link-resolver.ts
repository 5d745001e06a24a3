// Which note a link leads to. The rules of Obsidian: a path from the vault's root or the end of one, a name alone when the note
// is meant that is nearest, the case of letters aside; what no name fits may be an alias. Decides on names alone.

import { foldName, folderOf, nameOf, resolveFrom, withoutEnding } from '../markdown/note-path.ts'
import type { IndexDatabase } from './database.ts'

/** A link, as far as where it leads depends on it. */
export interface LinkSpelling {
  readonly kind: string
  readonly target: string
  /** Path of the note that it stands in. */
  readonly from: string
}

interface Candidate {
  readonly id: number
  readonly path: string
  readonly key: string
}

/** Notes of one name that are looked at: a vault may have a thousand files called README. */
const maxCandidates = 5000

const linksOf =
  'SELECT link.id, link.source, link.kind, link.target, link.note, note.path FROM link JOIN note ON note.id = link.source'

/** See the file's head. */
export class LinkResolver {
  readonly #database: IndexDatabase

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

  /** Paths of all notes that could be meant, in the order in which they are: the first is what {@link resolve} gives. */
  ranked(link: LinkSpelling): string[] {
    const target = foldName(withoutEnding(link.target))
    const name = nameOf(target)
    if (name === '') return []
    const { exact, fitting, rank } = sift(link, target, this.#named(name))
    const ordered = fitting
      .map((candidate) => ({ path: candidate.path, rank: rank(candidate) }))
      .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    const first = exact === undefined ? [] : [exact]
    const paths = [...first, ...ordered].map(({ path }) => path)
    return [...new Set(target === name ? [...paths, ...this.#allAliased(name)] : paths)]
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

  #named(name: string): Candidate[] {
    const sql = 'SELECT id, path, key FROM note WHERE name = ? LIMIT ?'
    return this.#database.all(sql, name, maxCandidates) as unknown as Candidate[]
  }

  #aliased(name: string): number | undefined {
    const row = this.#database.get(`${aliasedOf} LIMIT 1`, name)
    return row === undefined ? undefined : Number(row['id'])
  }

  #allAliased(name: string): string[] {
    return this.#database.all(`${aliasedOf} LIMIT ?`, name, maxCandidates).map(({ path }) => String(path))
  }
}

const aliasedOf =
  'SELECT note.id, note.path FROM alias JOIN note ON note.id = alias.note WHERE alias.name = ? ORDER BY note.path'

interface Sifted {
  /** The note at the very path that a relative link names. */
  readonly exact: Candidate | undefined
  /** The others that could be meant. */
  readonly fitting: readonly Candidate[]
  /** The path as it stands, then the same folder, then the fewest folders; then comes the order of letters. */
  rank(candidate: Candidate): number
}

const sift = (link: LinkSpelling, target: string, candidates: readonly Candidate[]): Sifted => {
  const folder = foldName(folderOf(link.from))
  const isRelative = /^\.\.?\//.test(target)
  // A Markdown link is relative to its note first; wikilinks are so only when they say it.
  const relative = link.kind === 'markdown' || isRelative ? resolveFrom(folder, target) : undefined
  const path = target.replace(/^\//, '')
  return {
    exact: candidates.find(({ key }) => key === relative),
    fitting: isRelative ? [] : candidates.filter(({ key }) => key === path || key.endsWith(`/${path}`)),
    rank: ({ key }) =>
      key === path && path.includes('/') ? -2 : folderOf(key) === folder ? -1 : key.split('/').length,
  }
}

const choose = (link: LinkSpelling, target: string, candidates: readonly Candidate[]): number | undefined => {
  const { exact, fitting, rank } = sift(link, target, candidates)
  if (exact !== undefined) return exact.id
  return fitting.reduce<Candidate | undefined>((chosen, next) => {
    if (chosen === undefined) return next
    const difference = rank(next) - rank(chosen)
    return difference < 0 || (difference === 0 && next.path < chosen.path) ? next : chosen
  }, undefined)?.id
}
