// A rename with the links rewritten: every link leads to the same note afterwards as before, and those that do so anyway are left
// as they are. It is planned against the index and carried out by the journal.

import { noteFailure } from '../folder/note-failure.ts'
import type { VaultFolder } from '../folder/vault-folder.ts'
import type { IndexDatabase } from '../index/database.ts'
import { LinkResolver } from '../index/link-resolver.ts'
import { decodeNote, versionOf } from '../index/note-index.ts'
import { findLinks, type WrittenLink } from '../markdown/links.ts'
import { maskMarkdown } from '../markdown/mask.ts'
import { foldName, nameOf, withoutEnding } from '../markdown/note-path.ts'
import { readFrontmatter } from '../markdown/frontmatter.ts'
import { scannedPart } from '../markdown/scan-note.ts'
import { spellLink } from './spell-link.ts'

/** Notes that one rename may look at, and their content together. */
const maxSources = 20_000
const maxBytes = 64 * 1024 * 1024

/** A note that a rename changes. */
export interface Rewrite {
  /** As it will be named. */
  readonly path: string
  readonly before: string
  readonly beforeText: string
  readonly after: string
}

interface Source {
  readonly path: string
  readonly text: string
  readonly version: string
  readonly links: readonly { readonly link: WrittenLink; readonly leadsTo: number | undefined }[]
}

/** What planning needs. */
export interface RenamePowers {
  readonly folder: VaultFolder
  readonly database: IndexDatabase
}

/**
 * The notes whose links have to be written anew when a note gets another path. Changes nothing.
 * @throws NoteFailure `not-found`, `refused` for a note that cannot be rewritten
 */
export const planRewrites = ({ folder, database }: RenamePowers, from: string, to: string): Rewrite[] => {
  const row = database.get('SELECT id, name FROM note WHERE path = ?', from)
  if (row === undefined) throw noteFailure('not-found', from)
  const id = Number(row['id'])
  const key = foldName(withoutEnding(to))
  const resolver = new LinkResolver(database)
  const paths = database.all(
    `SELECT DISTINCT note.path FROM link JOIN note ON note.id = link.source
     WHERE link.note = ? OR link.name IN (?, ?) OR link.source = ? LIMIT ?`,
    ...[id, row['name'] ?? '', nameOf(key), id, maxSources + 1],
  )
  if (paths.length > maxSources)
    throw noteFailure('refused', from, { message: `more than ${maxSources} notes link to it` })
  let bytes = 0
  const sources = paths.flatMap(({ path }): Source[] => {
    const file = folder.read(String(path), maxBytes)
    if (file === undefined) return []
    bytes += file.bytes.byteLength
    if (bytes > maxBytes)
      throw noteFailure('refused', from, { message: 'the notes that link to it are too large together' })
    const { text, isText } = decodeNote(file.bytes)
    const scanned = scannedPart(text)
    const { links } = findLinks(scanned, maskMarkdown(scanned, readFrontmatter(scanned).bodyStart))
    const found = links.map((link) => ({ link, leadsTo: resolver.resolve({ ...link, from: String(path) }) }))
    // What is not text cannot be written back as it was.
    return isText ? [{ path: String(path), text, version: versionOf(file.bytes), links: found }] : []
  })
  return inFuture(database, { id, path: to, key }, () => {
    const world = { resolver: new LinkResolver(database), database, from, to }
    return sources.flatMap((source) => rewriteOf(source, world))
  })
}

/** Runs `act` on an index in which the note has its new path, and takes that back. */
const inFuture = <T>(
  database: IndexDatabase,
  note: { readonly id: number; readonly path: string; readonly key: string },
  act: () => T,
): T =>
  database.tryOut(() => {
    const sql = 'UPDATE note SET path = ?, key = ?, name = ? WHERE id = ?'
    database.run(sql, note.path, note.key, nameOf(note.key), note.id)
    return act()
  })

const rewriteOf = (
  { path, text, version, links }: Source,
  world: {
    readonly resolver: LinkResolver
    readonly database: IndexDatabase
    readonly from: string
    readonly to: string
  },
): Rewrite[] => {
  const newPath = path === world.from ? world.to : path
  let after = ''
  let done = 0
  for (const { link, leadsTo } of links) {
    if (leadsTo === undefined || world.resolver.resolve({ ...link, from: newPath }) === leadsTo) continue
    const target = String(world.database.get('SELECT path FROM note WHERE id = ?', leadsTo)?.['path'])
    const spelled = spellLink(target, {
      kind: link.kind,
      from: newPath,
      isInBrackets: text[link.start - 1] === '<',
      leadsThere: (spelling) =>
        world.resolver.resolve({ kind: link.kind, target: spelling, from: newPath }) === leadsTo,
    })
    if (spelled === undefined) {
      throw noteFailure('refused', world.from, { message: 'no link can be written to a note of that name' })
    }
    after += text.slice(done, link.start) + spelled
    done = link.end
  }
  return done === 0 ? [] : [{ path: newPath, before: version, beforeText: text, after: after + text.slice(done) }]
}
