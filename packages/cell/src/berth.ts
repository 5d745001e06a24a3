// A place for a cell program: its current life, and the next one when that ended. Cells lie at a berth; when the
// last one leaves, the program ends.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Life } from './life.ts'

/** See the file's head. */
export class Berth {
  readonly #begin: () => Life
  readonly #cells = new Set<object>()
  #life: Life | undefined

  /** `begin` starts a program. */
  constructor(begin: () => Life) {
    this.#begin = begin
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
    if (this.#life === undefined || this.#life.dead !== undefined) this.#life = this.#begin()
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
