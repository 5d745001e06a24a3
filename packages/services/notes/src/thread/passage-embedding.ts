// Has the passages of new notes embedded by the host, a batch at a time, and stores their vectors. It asks for the next batch when
// the last one came, so that a slow model has as much time as it takes.

import type { VaultFolder } from '../folder/vault-folder.ts'
import type { IndexDatabase } from '../index/database.ts'
import { decodeNote, versionOf } from '../index/note-index.ts'
import { cutPassages } from '../index/passages.ts'
import type { VectorTable } from '../index/vector-table.ts'
import { scanNote } from '../markdown/scan-note.ts'

/** Passages that are sent at once, about. */
const batchPassages = 96
const batchNotes = 64
/** Text that is looked at for one batch, about, in bytes: who asks the vault something waits meanwhile. */
const batchBytes = 1024 * 1024

interface Sent {
  readonly note: number
  readonly path: string
  readonly hash: string
  readonly starts: readonly number[]
}

/** What it works with. */
export interface EmbeddingPowers {
  readonly folder: VaultFolder
  readonly database: IndexDatabase
  readonly vectors: VectorTable
  readonly dimensions: number
  readonly maxNoteBytes: number
  /** Sends texts to the host. */
  send(id: number, texts: readonly string[]): void
}

/** See the file's head. */
export class PassageEmbedding {
  readonly #powers: EmbeddingPowers
  #nextId = 1
  #sent: { readonly id: number; readonly notes: readonly Sent[] } | undefined
  #hasFailed = false

  constructor(powers: EmbeddingPowers) {
    this.#powers = powers
  }

  /** Whether an answer is awaited. */
  get isBusy(): boolean {
    return this.#sent !== undefined
  }

  /** The host's embedder failed; nothing is sent until something new is to be embedded. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Sends the next batch, if one waits and none is under way. */
  start(isNew = false): void {
    if (isNew) this.#hasFailed = false
    if (this.#sent !== undefined || this.#hasFailed) return
    const { database, folder, maxNoteBytes } = this.#powers
    const texts: string[] = []
    const notes: Sent[] = []
    let bytes = 0
    // The newest first: what somebody writes now is looked for sooner than what was there.
    const sql = 'SELECT id, path, hash FROM note WHERE embedded = 0 ORDER BY id DESC LIMIT ?'
    for (const { id, path, hash } of database.all(sql, batchNotes)) {
      const file = readOrNothing(folder, String(path), maxNoteBytes)
      const passages =
        file === undefined || versionOf(file.bytes) !== hash
          ? []
          : passagesOf(String(path), decodeNote(file.bytes).text)
      notes.push({
        note: Number(id),
        path: String(path),
        hash: String(hash),
        starts: passages.map(({ start }) => start),
      })
      for (const { text } of passages) texts.push(text)
      bytes += file?.bytes.byteLength ?? 0
      if (texts.length >= batchPassages || bytes >= batchBytes) break
    }
    if (notes.length === 0) return
    this.#sent = { id: this.#nextId++, notes }
    this.#powers.send(this.#sent.id, texts)
  }

  /** Takes the vectors of a batch, one after the other; null when there are none. */
  receive(id: number, data: Float32Array | null): void {
    const sent = this.#sent
    if (sent?.id !== id) return
    this.#sent = undefined
    const { database, vectors, dimensions } = this.#powers
    const count = sent.notes.reduce((sum, { starts }) => sum + starts.length, 0)
    if (data?.length !== count * dimensions) {
      this.#hasFailed = true
      return
    }
    let at = 0
    database.transact(() => {
      for (const { note, hash, starts } of sent.notes) {
        const passages = starts.map((start) => ({ start, vector: data.subarray(at, (at += dimensions)) }))
        // It may have changed meanwhile; then it waits for its turn again.
        const row = database.get('SELECT 1 FROM note WHERE id = ? AND hash = ?', note, hash)
        if (row === undefined) continue
        if (passages.length > 0) vectors.put(note, passages)
        database.run('UPDATE note SET embedded = 1 WHERE id = ?', note)
      }
    })
    this.start()
  }
}

const passagesOf = (path: string, text: string) => cutPassages(text, scanNote(path, text))

const readOrNothing = (folder: VaultFolder, path: string, maxBytes: number) => {
  try {
    return folder.read(path, maxBytes)
  } catch {
    return undefined
  }
}
