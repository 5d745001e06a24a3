// Lists of notes, folders and tags out of the index. It shows all that there is: who may see what is decided by the host.

import type { Answers, ListedNote, NoteFilter } from '../wire.ts'
import type { IndexDatabase, Row } from './database.ts'
import { conditionOf } from './filter.ts'

const maxShownFaults = 1000

/** See the file's head. */
export class ListQueries {
  readonly #database: IndexDatabase

  constructor(database: IndexDatabase) {
    this.#database = database
  }

  list(
    filter: NoteFilter,
    { recursive, after, count }: { recursive: boolean; after: string; count: number },
  ): Answers['list'] {
    const { sql, values } = conditionOf(filter)
    const depth = recursive ? '1' : "instr(substr(note.path, ?), '/') = 0"
    const skip = filter.folder === undefined || filter.folder === '' ? 1 : [...filter.folder].length + 2
    const rows = this.#database.all(
      `SELECT id, path, title, modified, size FROM note WHERE ${sql} AND path > ? AND ${depth} ORDER BY path LIMIT ?`,
      ...[...values, after, ...(recursive ? [] : [skip]), count + 1],
    )
    return { notes: rows.slice(0, count).map((row) => this.#listed(row)), more: rows.length > count }
  }

  #listed({ id, path, title, modified, size }: Row): ListedNote {
    return {
      path: String(path),
      title: String(title),
      tags: this.#database.all('SELECT tag FROM tag WHERE note = ?', id ?? 0).map(({ tag }) => String(tag)),
      modified: Math.trunc(Number(modified)),
      size: Number(size),
    }
  }

  folders(folder: string): Answers['folders'] {
    const { sql, values } = conditionOf({ folder })
    const from = folder === '' ? 0 : folder.length + 1
    const found = new Map<string, string[]>()
    for (const { path } of this.#database.all(`SELECT path FROM note WHERE ${sql} ORDER BY path`, ...values)) {
      const slash = String(path).indexOf('/', from)
      if (slash === -1) continue
      const name = String(path).slice(0, slash)
      const notes = found.get(name)
      if (notes === undefined) found.set(name, [String(path)])
      else notes.push(String(path))
    }
    return [...found]
  }

  tags(filter: NoteFilter): Answers['tags'] {
    const { sql, values } = conditionOf(filter)
    const rows = this.#database.all(
      `SELECT note.path, tag.tag, tag.folded FROM tag JOIN note ON note.id = tag.note WHERE ${sql}`,
      ...values,
    )
    const places = new Map<string, number>()
    const tags = new Map<string, { readonly tag: string; readonly notes: number[] }>()
    for (const { path, tag, folded } of rows) {
      const place = places.get(String(path)) ?? places.size
      places.set(String(path), place)
      const known = tags.get(String(folded))
      if (known === undefined) tags.set(String(folded), { tag: String(tag), notes: [place] })
      else known.notes.push(place)
    }
    return {
      paths: [...places.keys()],
      tags: [...tags.values()].map(({ tag, notes }) => [tag, Int32Array.from(notes)] as const),
    }
  }

  details(paths: readonly string[], tag: string | undefined): Answers['details'] {
    const { sql, values } = conditionOf({ tag })
    return paths.flatMap((path) => {
      const row = this.#database.get(`SELECT title, ${sql} AS fits FROM note WHERE path = ?`, ...values, path)
      return row === undefined ? [] : [{ path, title: String(row['title']), hasTag: row['fits'] === 1 }]
    })
  }

  paths(): Answers['paths'] {
    return this.#database.all('SELECT path FROM note').map(({ path }) => String(path))
  }

  status(): Omit<Answers['status'], 'isWatched'> {
    const reasons = (sql: string) =>
      this.#database
        .all(sql, maxShownFaults)
        .map(({ path, reason }) => ({ path: String(path), reason: String(reason) }))
    return {
      skipped: reasons('SELECT path, reason FROM skipped ORDER BY path LIMIT ?'),
      faults: reasons('SELECT path, fault AS reason FROM note WHERE fault IS NOT NULL ORDER BY path LIMIT ?'),
    }
  }
}
