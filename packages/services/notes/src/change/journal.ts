// The journal of a change of several files: written whole before the first of them is touched, removed after the last. What a
// process did not live to finish is finished by the next one that writes. What cannot be done any more is left undone: a plan that
// stands for good would keep everybody from writing.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { noteFailure } from '../folder/note-failure.ts'
import type { VaultFolder } from '../folder/vault-folder.ts'
import { signatureOf, versionOf } from '../index/note-index.ts'
import { isNoteName, pathFault } from '../markdown/note-path.ts'

/** A rename with all that it changes. */
export interface RenamePlan {
  readonly from: string
  readonly to: string
  /** Notes that get new content; the one that moves is named as it will be. */
  readonly rewrites: readonly {
    readonly path: string
    /** Version before; a note that has another by then is left alone. */
    readonly before: string
    readonly after: string
  }[]
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
/** No note that a plan rewrites is larger. */
const maxNoteBytes = 64 * 1024 * 1024
/** Nor are they together; as JSON a character takes six at most. */
const maxJournalBytes = 512 * 1024 * 1024

/** See the file's head. To be used only while the vault's lock is held. */
export class Journal {
  readonly #file: string
  readonly #folder: VaultFolder

  constructor(file: string, folder: VaultFolder) {
    this.#file = file
    this.#folder = folder
  }

  /** Carries the plan out. When it returns, all of it is on disk. @throws NoteFailure; system errors, when the note was not moved */
  run(plan: RenamePlan): void {
    this.#record(plan)
    try {
      this.#move(plan)
    } catch (error) {
      this.#forget()
      throw error
    }
    const undone = this.#rewrite(plan)
    this.#forget()
    if (undone === undefined) return
    const message = `the note has its new name, but not every link to it could be rewritten (${codeOf(undone)})`
    throw noteFailure('refused', plan.from, { message })
  }

  /** Finishes what another process began, as far as that can still be done. Returns the paths that may have changed. */
  recover(): readonly string[] {
    const plan = this.#read()
    if (plan === undefined) return []
    try {
      this.#move(plan)
    } catch (error) {
      if (isShortage(error)) throw error
      // Nobody was told that the note was moved; its links lead to it still.
      if (this.#exists(plan.from)) {
        this.#forget()
        return [plan.from, plan.to]
      }
    }
    this.#rewrite(plan)
    this.#forget()
    return [plan.from, plan.to, ...plan.rewrites.map(({ path }) => path)]
  }

  #move({ from, to }: RenamePlan): void {
    const [source, target] = [this.#folder.stat(from), this.#folder.stat(to)]
    if (source !== undefined && target === undefined) this.#folder.move(from, to)
    // The move came half way: both names are the same file.
    else if (source !== undefined && target?.ino === source.ino && target.dev === source.dev) this.#folder.remove(from)
  }

  /** Returns why some note could not be rewritten. @throws system errors of a shortage: it is to be tried again */
  #rewrite({ rewrites }: RenamePlan): unknown {
    let undone: unknown
    for (const { path, before, after } of rewrites) {
      try {
        const file = this.#folder.read(path, maxNoteBytes)
        if (file === undefined || versionOf(file.bytes) !== before) continue
        const signature = signatureOf(file.stats)
        // An editor may have saved the note since it was read: what a person wrote stays.
        const check = (): void => {
          const now = this.#folder.stat(path)
          if (now === undefined || signatureOf(now) !== signature) throw noteFailure('conflict', path)
        }
        this.#folder.write(path, new TextEncoder().encode(after), { isNew: false, check })
      } catch (error) {
        if (isShortage(error)) throw error
        if (codeOf(error) !== 'conflict') undone ??= error
      }
    }
    return undone
  }

  #exists(path: string): boolean {
    try {
      return this.#folder.stat(path) !== undefined
    } catch {
      return false
    }
  }

  #record(plan: RenamePlan): void {
    const temporary = `${this.#file}.tmp`
    rmSync(temporary, { force: true, recursive: true })
    const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      const bytes = new TextEncoder().encode(JSON.stringify(plan))
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, this.#file)
    this.#syncFolder()
  }

  /** A journal that is not whole was never acted on: it is renamed into place only when it is. */
  #read(): RenamePlan | undefined {
    let text: string | undefined
    try {
      // Not followed and not waited for: what lies there may be a link or a pipe.
      const fd = openSync(this.#file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      try {
        if (fstatSync(fd).size <= maxJournalBytes) text = readFileSync(fd, 'utf8')
      } finally {
        closeSync(fd)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      if (isShortage(error)) throw error
    }
    const plan = text === undefined ? undefined : parsePlan(text)
    // Damaged, or none of ours: kept for a person to look at.
    if (plan === undefined) this.#setAside()
    return plan
  }

  #setAside(): void {
    const aside = `${this.#file}.damaged`
    rmSync(aside, { force: true, recursive: true })
    renameSync(this.#file, aside)
    this.#syncFolder()
  }

  #forget(): void {
    rmSync(this.#file, { force: true })
    this.#syncFolder()
  }

  #syncFolder(): void {
    const fd = openSync(dirname(this.#file), 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error as { kind?: string }).kind ?? 'failed'

/** It will pass: room, descriptors or memory are wanting, or a disk is away. */
const isShortage = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(codeOf(error))

const isNotePath = (value: unknown): value is string =>
  typeof value === 'string' && isNoteName(value) && pathFault(value) === undefined

/** A plan as it was recorded; undefined for anything else. */
const parsePlan = (text: string): RenamePlan | undefined => {
  try {
    const { from, to, rewrites } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (!isNotePath(from) || !isNotePath(to) || !Array.isArray(rewrites)) return undefined
    const isWhole = (rewrites as Partial<Record<string, unknown>>[]).every(
      ({ path, before, after }) => isNotePath(path) && typeof before === 'string' && typeof after === 'string',
    )
    return isWhole ? { from, to, rewrites: rewrites as RenamePlan['rewrites'] } : undefined
  } catch {
    return undefined
  }
}
