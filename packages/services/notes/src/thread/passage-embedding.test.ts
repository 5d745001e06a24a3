// How much of the notes is looked at for one batch.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { VaultFolder } from '../folder/vault-folder.ts'
import { IndexDatabase } from '../index/database.ts'
import { NoteIndex } from '../index/note-index.ts'
import { VectorTable } from '../index/vector-table.ts'
import { PassageEmbedding } from './passage-embedding.ts'

test('large notes with few passages are embedded a few at a time', () => {
  const path = mkdtempSync(join(tmpdir(), 'bulkhead-test-'))
  try {
    using database = new IndexDatabase(join(path, 'index.sqlite'), 1000)
    const index = new NoteIndex(database)
    // Blank lines alone: each has one passage, its title.
    const bytes = new TextEncoder().encode('\n'.repeat(400_000))
    const stats = { size: bytes.byteLength, mtimeMs: 0, ctimeMs: 0, ino: 1 } as never
    database.transact(() => {
      for (let note = 0; note < 7; note++) index.put({ path: `${note}.md`, bytes, stats })
      index.settle()
    })
    const batches: number[] = []
    const embedding = new PassageEmbedding({
      folder: { read: () => ({ bytes, stats }) } as unknown as VaultFolder,
      database,
      vectors: new VectorTable(database, 2),
      dimensions: 2,
      maxNoteBytes: 1e9,
      send: (_id, texts) => batches.push(texts.length),
    })
    embedding.start()
    for (let id = 1; id <= 3; id++) embedding.receive(id, new Float32Array((batches[id - 1] ?? 0) * 2))
    expect(batches).toEqual([3, 3, 1])
  } finally {
    rmSync(path, { recursive: true })
  }
})
