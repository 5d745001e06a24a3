// What links to what, out of the index. It shows all that there is: who may see what is decided by the host.

import type { Answers, NoteFilter, Range, ShownLink } from '../wire.ts'
import type { IndexDatabase, Row } from './database.ts'
import { conditionOf } from './filter.ts'
import { LinkResolver } from './link-resolver.ts'

/** Links of one answer. */
const maxShownLinks = 20_000

/** Files that are linked to and are no notes: they are not missed. */
const attachment =
  /\.(?:png|jpe?g|gif|bmp|svg|webp|avif|heic|tiff?|ico|pdf|mp3|wav|m4a|ogg|oga|opus|flac|3gp|mp4|webm|ogv|mov|mkv|avi|canvas|base|excalidraw|csv|tsv|json|ya?ml|toml|xml|html?|css|[cm]?[jt]sx?|lua|rune|py|rs|go|zip|gz|docx?|xlsx?|pptx?|odt|ods|txt|bib|ipynb)$/i

/** See the file's head. */
export class LinkQueries {
  readonly #database: IndexDatabase

  constructor(database: IndexDatabase) {
    this.#database = database
  }

  #id(path: string): number | undefined {
    const row = this.#database.get('SELECT id FROM note WHERE path = ?', path)
    return row === undefined ? undefined : Number(row['id'])
  }

  backlinks(path: string, { offset, count }: Range): Answers['backlinks'] {
    // One statement, for each has a lock of its own to take. A note without links gives one row, in which the link is absent.
    const rows = this.#database.all(
      `SELECT link.target, link.anchor, link.alias, link.embed, link.line, source.path AS source_path
       FROM note LEFT JOIN link ON link.note = note.id LEFT JOIN note AS source ON source.id = link.source
       WHERE note.path = ? ORDER BY source.path, link.id LIMIT ? OFFSET ?`,
      ...[path, count, offset],
    )
    if (rows.length === 0 && offset === 0) return null
    return rows
      .filter((row) => row['source_path'] !== null)
      .map((row) => ({ ...shown(row, path), from: String(row['source_path']) }))
  }

  forward(path: string): Answers['forward'] {
    const id = this.#id(path)
    if (id === undefined) return null
    return this.#database
      .all(
        `SELECT link.*, note.path AS target_path FROM link LEFT JOIN note ON note.id = link.note
         WHERE link.source = ? ORDER BY link.id LIMIT ?`,
        ...[id, maxShownLinks],
      )
      .map((row) => shown(row, row['target_path'] === null ? null : String(row['target_path'])))
  }

  /** Links that lead to no note, or to one of the hidden: what somebody may not see is not to be told from what is missing. */
  unresolved(filter: NoteFilter, hidden: readonly string[], { offset, count }: Range): Answers['unresolved'] {
    const { sql, values } = conditionOf(filter)
    return this.#database
      .all(
        `SELECT link.target, link.anchor, link.line, link.note, note.path FROM link JOIN note ON note.id = link.source
         WHERE (link.note IS NULL OR link.note IN (SELECT id FROM note WHERE path IN (SELECT value FROM json_each(?))))
         AND ${sql} ORDER BY note.path, link.id LIMIT ? OFFSET ?`,
        ...[JSON.stringify(hidden), ...values, count, offset],
      )
      .map((row) => ({
        from: String(row['path']),
        link: spelled(row),
        line: Number(row['line']),
        isAttachment: attachment.test(String(row['target'])),
      }))
  }

  /** Every note that some link leads to. */
  targets(): Answers['targets'] {
    const rows = this.#database.all('SELECT path FROM note WHERE id IN (SELECT note FROM link WHERE note IS NOT NULL)')
    return rows.map(({ path }) => String(path))
  }

  neighbours(paths: readonly string[], direction: 'out' | 'in' | 'both'): Answers['neighbours'] {
    return paths.map((path) => {
      const id = this.#id(path)
      if (id === undefined) return null
      const found = new Set<string>()
      const collect = (sql: string): void => {
        for (const row of this.#database.all(sql, id, maxShownLinks)) found.add(String(row['path']))
      }
      if (direction !== 'in') {
        collect(
          'SELECT note.path FROM link JOIN note ON note.id = link.note WHERE link.source = ? ORDER BY link.id LIMIT ?',
        )
      }
      if (direction !== 'out') {
        collect(
          'SELECT DISTINCT note.path FROM link JOIN note ON note.id = link.source WHERE link.note = ? ORDER BY note.path LIMIT ?',
        )
      }
      found.delete(path)
      return [...found]
    })
  }

  graph(filter: NoteFilter): Answers['graph'] {
    const { sql, values } = conditionOf(filter)
    const rows = this.#database.all(`SELECT id, path FROM note WHERE ${sql} ORDER BY path`, ...values)
    const places = new Map(rows.map(({ id }, place) => [Number(id), place]))
    const edges: number[] = []
    const links =
      'SELECT DISTINCT source, note FROM link WHERE note IS NOT NULL AND note <> source ORDER BY source, note'
    for (const { source, note } of this.#database.all(links)) {
      const [from, to] = [places.get(Number(source)), places.get(Number(note))]
      if (from !== undefined && to !== undefined) edges.push(from, to)
    }
    return { paths: rows.map(({ path }) => String(path)), edges: Int32Array.from(edges) }
  }

  /** Paths of the notes that a link could mean if it stood in the note `from`; the first is the one that it leads to. */
  resolve(link: string, from: string): Answers['resolve'] {
    return new LinkResolver(this.#database).ranked({ kind: 'wiki', target: link, from })
  }
}

const spelled = (row: Row): string => `${String(row['target'])}${String(row['anchor'])}`

const shown = (row: Row, path: string | null): ShownLink => ({
  link: spelled(row),
  path,
  alias: row['alias'] === null ? null : String(row['alias']),
  embed: row['embed'] === 1,
  line: Number(row['line']),
})
