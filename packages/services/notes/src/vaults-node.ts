// Which vault a call works in: the one that the embedding program named, or else the root folder of the call's workspace. Vaults
// are opened when they are needed; those that nobody used for longest are closed when there are too many.

import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { BulkheadError, type CallContext } from '@bulkhead/kernel'
import type { Embedder } from './embedder.ts'
import { VaultClient } from './vault-client-node.ts'

/** Options of {@link openVaults}. */
export interface VaultsOptions {
  /** State folder: indices are in `notes` in it. */
  readonly home: string
  /** The vault; absent: the root folder of each call's workspace. */
  readonly folder?: string
  /** Absent: no search by meaning. */
  readonly embedder?: Embedder
  /** How old what is known may be before the folder is looked over again although no change was heard of, ms. Default 60,000. */
  readonly rescanMs?: number
  /** How long a change waits for another process that writes, ms. Default 10,000. */
  readonly busyTimeoutMs?: number
}

/** The vaults of one host. */
export interface Vaults extends AsyncDisposable {
  /** The vault of the call. @throws BulkheadError `notes.failed` when there is none */
  of(call: Pick<CallContext, 'workspaceRoot'>): Promise<VaultClient>
}

/** How long the folder behind a name is taken to be the same, ms. */
const sameFolderMs = 1000
/** Open at the same time. */
const maxOpen = 16
/** Larger notes are read and written where the file size limit allows it, and are not in the index. */
const maxNoteBytes = 10 * 1024 * 1024

/** Opens nothing before the first use. */
export const openVaults = (options: VaultsOptions): Vaults => new OpenVaults(options)

class OpenVaults implements Vaults {
  readonly #options: VaultsOptions
  readonly #byFolder = new Map<string, VaultClient>()
  #lastResolved = { wanted: '', folder: '', atMs: Number.NEGATIVE_INFINITY }
  #isClosed = false

  constructor(options: VaultsOptions) {
    this.#options = options
  }

  async of({ workspaceRoot }: Pick<CallContext, 'workspaceRoot'>): Promise<VaultClient> {
    const wanted = this.#options.folder ?? workspaceRoot
    const folder = await this.#resolve(wanted)
    if (this.#isClosed) throw new BulkheadError('host.closed', 'the host is closed')
    const known = this.#byFolder.get(folder)
    const vault = known ?? this.#open(folder)
    // To the end: the first is the one that was used longest ago.
    this.#byFolder.delete(folder)
    this.#byFolder.set(folder, vault)
    if (known === undefined) await this.#closeIdle()
    return vault
  }

  /** Asks the file system once for many calls that follow one another. */
  async #resolve(wanted: string): Promise<string> {
    const last = this.#lastResolved
    const atMs = performance.now()
    if (last.wanted === wanted && atMs - last.atMs < sameFolderMs) return last.folder
    try {
      const folder = await realpath(wanted)
      this.#lastResolved = { wanted, folder, atMs }
      return folder
    } catch {
      throw new BulkheadError('notes.failed', 'the folder of the note vault does not exist', {
        hint: 'Make it, or name another: --notes <folder>, or openHost({ notes: { folder } }).',
      })
    }
  }

  #open(folder: string): VaultClient {
    const { home, embedder, rescanMs = 60_000, busyTimeoutMs = 10_000 } = this.#options
    if (`${folder}${sep}`.startsWith(`${home}${sep}`)) {
      throw new BulkheadError('notes.failed', 'the note vault lies in the state folder of Bulkhead', {
        hint: 'Choose another folder for the notes.',
      })
    }
    const indices = join(home, 'notes')
    mkdirSync(indices, { recursive: true, mode: 0o700 })
    const state = join(indices, createHash('sha256').update(folder).digest('hex').slice(0, 32))
    const model = embedder === undefined ? null : { id: embedder.id, dimensions: embedder.dimensions }
    return new VaultClient({ folder, state, excluded: [home], busyTimeoutMs, maxNoteBytes, model, rescanMs }, embedder)
  }

  async #closeIdle(): Promise<void> {
    for (const [folder, vault] of this.#byFolder) {
      if (this.#byFolder.size <= maxOpen) return
      if (!vault.isIdle) continue
      this.#byFolder.delete(folder)
      await vault[Symbol.asyncDispose]()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#byFolder.values()].map((vault) => vault[Symbol.asyncDispose]()))
  }
}
