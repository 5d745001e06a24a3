// The journal of a change of several files: written whole before the first of them is touched, removed after the last. What a
// process did not live to finish is finished by the next one that writes.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { VaultFolder } from '../folder/vault-folder.ts'
import { versionOf } from '../index/note-index.ts'

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

/** No note that a plan rewrites is larger. */
const maxNoteBytes = 64 * 1024 * 1024

/** See the file's head. To be used only while the vault's lock is held. */
export class Journal {
  readonly #file: string
  readonly #folder: VaultFolder

  constructor(file: string, folder: VaultFolder) {
    this.#file = file
    this.#folder = folder
  }

  /** Carries the plan out. When it returns, all of it is on disk. */
  run(plan: RenamePlan): void {
    this.#record(plan)
    this.#carryOut(plan)
    this.#forget()
  }

  /** Finishes what another process began. Returns the paths that may have changed. */
  recover(): readonly string[] {
    const plan = this.#read()
    if (plan === undefined) return []
    rmSync(`${this.#file}.tmp`, { force: true })
    this.#carryOut(plan)
    this.#forget()
    return [plan.from, plan.to, ...plan.rewrites.map(({ path }) => path)]
  }

  #carryOut({ from, to, rewrites }: RenamePlan): void {
    const [source, target] = [this.#folder.stat(from), this.#folder.stat(to)]
    if (source !== undefined && target === undefined) this.#folder.move(from, to)
    // The move came half way: both names are the same file.
    else if (source !== undefined && target?.ino === source.ino && target.dev === source.dev) this.#folder.remove(from)
    for (const { path, before, after } of rewrites) {
      const file = this.#folder.read(path, maxNoteBytes)
      if (file === undefined || versionOf(file.bytes) !== before) continue
      this.#folder.write(path, new TextEncoder().encode(after), { isNew: false })
    }
  }

  #record(plan: RenamePlan): void {
    const temporary = `${this.#file}.tmp`
    const fd = openSync(temporary, 'w', 0o600)
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
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    return JSON.parse(text) as RenamePlan
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
