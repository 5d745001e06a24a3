// A place for a cell program: its current life, and the next one when that ended. Cells lie at a berth; when the
// last one leaves, the program ends.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CodeCachePaths } from './code-cache/index.ts'
import { Generation } from './generation.ts'
import { InlineLife } from './inline-life.ts'
import type { Life } from './life.ts'

/** What a berth is made with. */
export interface BerthOptions {
  readonly boundary: 'inline' | 'thread'
  /** For messages. */
  readonly name: string
  /** Where rewritten modules are kept beyond the process; absent: nowhere. */
  readonly cache?: CodeCachePaths | undefined
}

/** See the file's head. */
export class Berth {
  readonly #options: BerthOptions
  readonly #cells = new Set<object>()
  #life: Life | undefined

  constructor(options: BerthOptions) {
    this.#options = options
  }

  /** Cells that lie here. */
  get size(): number {
    return this.#cells.size
  }

  enter(cell: object): void {
    this.#cells.add(cell)
  }

  /** The program that lives here; a new one when there is none. */
  get life(): Life {
    if (this.#life === undefined || this.#life.dead !== undefined) {
      const { boundary, cache } = this.#options
      this.#life = boundary === 'inline' ? new InlineLife(cache) : new Generation(this.#options)
    }
    return this.#life
  }

  /** Settles when the cell is gone, and with the last one the program. */
  async leave(cell: object): Promise<void> {
    this.#cells.delete(cell)
    const life = this.#life
    if (this.#cells.size > 0 || life === undefined) return
    this.#life = undefined
    life.end(new BulkheadError('plugin.crashed', 'the last plugin was unloaded'))
    await life.ended()
  }
}
