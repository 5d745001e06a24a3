// Puts notes into the index and takes them out, and keeps the links resolved. It reads no file: whoever calls brings the text.

import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { foldName, nameOf, withoutEnding } from '../markdown/note-path.ts'
import { scanNote, type ScannedNote } from '../markdown/scan-note.ts'
import type { IndexDatabase } from './database.ts'
import { LinkResolver } from './link-resolver.ts'
import { searchable } from './search-words.ts'

/** What stands for the content of a note: the first 32 digits of its SHA-256. */
export const versionOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32)

/** What the file system says of a file as long as it is the same. */
export const signatureOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => `${size}.${mtimeMs}.${ctimeMs}.${ino}`

/** Clocks of file systems tick at most every 10 ms; a file younger than this may change without showing it. */
const youngMs = 100

/** A note as it was read from its file. */
export interface ReadNote {
  readonly path: string
  readonly bytes: Uint8Array
  readonly stats: Stats
}

/** Text of a note; `fault` when its bytes are not UTF-8. */
export const decodeNote = (bytes: Uint8Array): { readonly text: string; readonly isText: boolean } => {
  try {
    return { text: strict.decode(bytes), isText: true }
  } catch {
    return { text: lenient.decode(bytes), isText: false }
  }
}

// A byte order mark stays: what is read and written back must be the same.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** See the file's head. Every change happens within a transaction of the caller's, who then calls {@link settle}. */
export class NoteIndex {
  readonly #database: IndexDatabase
  /** Names under which notes came or went: links to them may lead elsewhere now. */
  readonly #touched = new Set<string>()
  /** Notes whose own links are new. */
  readonly #changed = new Set<number>()

  constructor(database: IndexDatabase) {
    this.#database = database
  }

  /** Whether the index has the file as the file system shows it now. */
  knows(path: string, stats: Stats): boolean {
    const row = this.#database.get('SELECT signature FROM note WHERE path = ?', path)
    return row !== undefined && row['signature'] === signatureOf(stats)
  }

  /** Takes a note in, in place of what was known of it. Returns its scan, or undefined when it was known with that content. */
  put({ path, bytes, stats }: ReadNote): ScannedNote | undefined {
    const hash = versionOf(bytes)
    const age = Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs)
    const signature = age < youngMs ? '' : signatureOf(stats)
    const known = this.#database.get('SELECT id, hash, key, name FROM note WHERE path = ?', path)
    if (known?.['hash'] === hash) {
      const update = 'UPDATE note SET signature = ?, modified = ? WHERE id = ?'
      this.#database.run(update, signature, stats.mtimeMs, known['id'] ?? 0)
      return undefined
    }
    const { text, isText } = decodeNote(bytes)
    const scan = scanNote(path, text)
    const fault = isText ? (scan.fault ?? null) : 'not UTF-8 text; what is not is shown as �'
    const key = foldName(withoutEnding(path))
    const name = nameOf(key)
    let id: number
    if (known === undefined) {
      // Not RETURNING: it opens a savepoint, at which the text index writes down all that it holds, for every note anew.
      this.#database.run(
        'INSERT INTO note (path, key, name, signature, hash, title, modified, size, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...[path, key, name, signature, hash, scan.title, stats.mtimeMs, bytes.byteLength, fault],
      )
      id = Number(this.#database.get('SELECT id FROM note WHERE path = ?', path)?.['id'])
      this.#touched.add(name)
    } else {
      id = Number(known['id'])
      this.#clear(id)
      this.#database.run(
        'UPDATE note SET signature = ?, hash = ?, title = ?, modified = ?, size = ?, fault = ?, embedded = 0 WHERE id = ?',
        ...[signature, hash, scan.title, stats.mtimeMs, bytes.byteLength, fault, id],
      )
    }
    this.#database.run('DELETE FROM skipped WHERE path = ?', path)
    this.#add(id, scan, text)
    return scan
  }

  #add(id: number, scan: ScannedNote, text: string): void {
    const database = this.#database
    for (const alias of scan.aliases) {
      const name = foldName(alias)
      database.run('INSERT INTO alias (note, name) VALUES (?, ?)', id, name)
      this.#touched.add(name)
    }
    for (const tag of scan.tags) {
      database.run('INSERT INTO tag (note, tag, folded) VALUES (?, ?, ?)', id, tag, foldName(tag))
    }
    const lines = new LineCounter(text)
    for (const { kind, isEmbed, target, anchor, alias, start } of scan.links) {
      database.run(
        'INSERT INTO link (source, kind, target, name, anchor, alias, embed, line) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ...[id, kind, target, foldName(nameOf(withoutEnding(target))), anchor, alias, isEmbed ? 1 : 0, lines.at(start)],
      )
    }
    if (scan.links.length > 0) this.#changed.add(id)
    const names = [...scan.aliases, ...scan.headings.map((heading) => heading.text)].join('\n')
    database.run(
      'INSERT INTO text (rowid, title, names, tags, body) VALUES (?, ?, ?, ?, ?)',
      ...[
        id,
        searchable(scan.title),
        searchable(names),
        searchable(scan.tags.join(' ')),
        searchable(text.slice(scan.bodyStart, scan.bodyEnd)),
      ],
    )
  }

  #clear(id: number): void {
    const database = this.#database
    for (const { name } of database.all('SELECT name FROM alias WHERE note = ?', id)) this.#touched.add(String(name))
    database.run('DELETE FROM alias WHERE note = ?', id)
    database.run('DELETE FROM tag WHERE note = ?', id)
    database.run('DELETE FROM link WHERE source = ?', id)
    database.run('DELETE FROM text WHERE rowid = ?', id)
    database.run('DELETE FROM vector WHERE note = ?', id)
  }

  /** Takes a note out; one that is not known is no error. */
  remove(path: string): void {
    this.#database.run('DELETE FROM skipped WHERE path = ?', path)
    const known = this.#database.get('SELECT id, name FROM note WHERE path = ?', path)
    if (known === undefined) return
    const id = Number(known['id'])
    this.#clear(id)
    this.#touched.add(String(known['name']))
    this.#database.run('UPDATE link SET note = NULL WHERE note = ?', id)
    this.#database.run('DELETE FROM note WHERE id = ?', id)
  }

  /** Notes a file that is no note for the index, and why. */
  skip(path: string, reason: string): void {
    this.remove(path)
    this.#database.run('INSERT OR REPLACE INTO skipped (path, reason) VALUES (?, ?)', path, reason)
  }

  /** Resolves the links that the changes since the last time concern. */
  settle(): void {
    new LinkResolver(this.#database).settle(this.#changed, this.#touched)
    this.#changed.clear()
    this.#touched.clear()
  }

  /** Resolves every link: after a death in the middle of a scan, which resolves at its end. */
  settleAll(): void {
    for (const { id } of this.#database.all('SELECT DISTINCT source AS id FROM link')) this.#changed.add(Number(id))
    this.settle()
  }
}

/** Line numbers of rising offsets, in one pass. */
class LineCounter {
  readonly #text: string
  #line = 1
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  at(offset: number): number {
    for (let next = this.#text.indexOf('\n', this.#at); next !== -1 && next < offset; ) {
      this.#line++
      this.#at = next + 1
      next = this.#text.indexOf('\n', this.#at)
    }
    return this.#line
  }
}
