// What a plan does to notes that others write meanwhile.

import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NoteFile, VaultFolder } from '../folder/vault-folder.ts'
import { versionOf } from '../index/note-index.ts'
import { Journal } from './journal.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'bulkhead-journal-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

/** A folder in which an editor saves a note right after it was read. */
class EditedFolder extends VaultFolder {
  readonly #save: () => void

  constructor(folder: string, save: () => void) {
    super(folder, [])
    this.#save = save
  }

  override read(note: string, maxBytes: number): NoteFile | undefined {
    const file = super.read(note, maxBytes)
    this.#save()
    return file
  }
}

const editors: readonly [name: string, save: (file: string) => void][] = [
  ['in place', (file) => writeFileSync(file, 'see [[A]], says a person')],
  [
    'by another file in its place',
    (file) => {
      writeFileSync(`${file}~`, 'see [[A]], says a person')
      renameSync(`${file}~`, file)
    },
  ],
]

test.each(editors)(
  'a note that an editor saves %s while its links are rewritten keeps what was saved',
  (_name, save) => {
    writeFileSync(join(path, 'A.md'), 'a')
    writeFileSync(join(path, 'B.md'), 'see [[A]]')
    using folder = new EditedFolder(path, () => save(join(path, 'B.md')))
    const before = versionOf(new TextEncoder().encode('see [[A]]'))
    const journal = new Journal(join(path, 'journal'), folder)
    journal.run({ from: 'A.md', to: 'C.md', rewrites: [{ path: 'B.md', before, after: 'see [[C]]' }] })
    expect(readFileSync(join(path, 'B.md'), 'utf8')).toBe('see [[A]], says a person')
    expect(readdirSync(path).sort()).toEqual(['B.md', 'C.md'])
  },
)
