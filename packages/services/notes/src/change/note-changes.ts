// Changes of notes: each under the vault's lock, against the version that the writer knows, durable before it is answered. The
// index is told afterwards; should that fail, the next look at the folder makes up for it.

import type { Stats } from 'node:fs'
import { noteFailure } from '../folder/note-failure.ts'
import type { VaultFolder } from '../folder/vault-folder.ts'
import type { VaultLock } from '../folder/vault-lock.ts'
import { decodeNote, signatureOf, versionOf } from '../index/note-index.ts'
import { withEnding, withoutEnding } from '../markdown/note-path.ts'
import type { Answers, ChangeOptions, Edit, NoteChange } from '../wire.ts'
import { applyEdit } from './edit.ts'
import type { Journal } from './journal.ts'
import { unifiedDiff } from './unified-diff.ts'

/** Where deleted notes go. */
export const trashFolder = '.trash'
/** Notes of one name in the trash. */
const maxTrashed = 10_000

/** What changes work with. */
export interface ChangePowers {
  readonly folder: VaultFolder
  readonly lock: VaultLock
  readonly journal: Journal
  /** Told of the paths that changed, after they did. */
  changed(paths: readonly string[]): void
}

/** A note as it is now. */
export interface PresentNote {
  readonly text: string
  readonly version: string
  readonly isText: boolean
  readonly stats: Stats
}

/** See the file's head. */
export class NoteChanges {
  readonly #powers: ChangePowers

  constructor(powers: ChangePowers) {
    this.#powers = powers
  }

  /** Runs `act` under the lock, what a dead process left over finished before. */
  locked<T>(act: () => T): T {
    const { lock, journal, changed } = this.#powers
    return lock.hold(() => {
      const recovered = journal.recover()
      if (recovered.length > 0) changed(recovered)
      return act()
    })
  }

  /** @throws NoteFailure `conflict` for another version than the one that is expected */
  present(
    path: string,
    { maxBytes, ifVersion }: Pick<ChangeOptions, 'maxBytes' | 'ifVersion'>,
  ): PresentNote | undefined {
    const file = this.#powers.folder.read(path, maxBytes)
    const version = file === undefined ? undefined : versionOf(file.bytes)
    if (ifVersion !== undefined && ifVersion !== version) {
      if (version === undefined) throw noteFailure('not-found', path)
      throw noteFailure('conflict', path, { version })
    }
    return file === undefined || version === undefined
      ? undefined
      : { ...decodeNote(file.bytes), version, stats: file.stats }
  }

  write(path: string, edit: Edit, options: ChangeOptions): NoteChange {
    return this.locked(() => {
      const { folder, changed } = this.#powers
      const old = this.present(path, options)
      // What is kept of the old text would be damaged.
      if (old?.isText === false && (edit.kind === 'append' || edit.kind === 'replace'))
        throw noteFailure('not-text', path)
      const text = applyEdit(path, edit, { text: old?.text, version: old?.version })
      const bytes = new TextEncoder().encode(text)
      if (bytes.byteLength > options.maxBytes) throw noteFailure('too-large', path)
      const diff = options.diff ? { diff: unifiedDiff(path, old?.text ?? null, text) } : {}
      const answer = { path, version: versionOf(bytes), ...diff }
      if (options.dryRun || old?.version === answer.version) return answer
      folder.write(path, bytes, {
        isNew: old === undefined,
        // Another program may have saved the file since it was read; what is left is the time of one system call.
        check: () => {
          const now = folder.stat(path)
          if (old !== undefined && (now === undefined || signatureOf(now) !== signatureOf(old.stats))) {
            throw noteFailure('conflict', path, {})
          }
        },
      })
      changed([path])
      return answer
    })
  }

  delete(path: string, options: ChangeOptions): Answers['delete'] {
    return this.locked(() => {
      const { folder, changed } = this.#powers
      const old = this.present(path, options)
      if (old === undefined) throw noteFailure('not-found', path)
      const trash = this.#freeName(`${trashFolder}/${path}`)
      const diff = options.diff ? { diff: unifiedDiff(path, old.text, null) } : {}
      if (!options.dryRun) {
        folder.move(path, trash)
        changed([path])
      }
      return { trash, version: old.version, ...diff }
    })
  }

  #freeName(path: string): string {
    for (let number = 1; number <= maxTrashed; number++) {
      const name = number === 1 ? path : withEnding(`${withoutEnding(path)} ${number}`)
      if (this.#powers.folder.stat(name) === undefined) return name
    }
    throw noteFailure('refused', path, { message: 'the trash holds too many notes of that name' })
  }
}
