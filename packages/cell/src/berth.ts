// A place for a cell program: its current generation, and the next one when that died. Cells lie at a berth; when the
// last one leaves, the program ends.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CompartmentOptions } from './compartment.ts'
import { Generation } from './generation.ts'

/** See the file's head. */
export class Berth {
  readonly #options: CompartmentOptions
  readonly #cells = new Set<object>()
  #generation: Generation | undefined

  constructor(options: CompartmentOptions) {
    this.#options = options
  }

  /** Cells that lie here. */
  get size(): number {
    return this.#cells.size
  }

  enter(cell: object): void {
    this.#cells.add(cell)
  }

  /** The living generation; a new one when there is none. */
  get generation(): Generation {
    if (this.#generation === undefined || this.#generation.dead !== undefined) {
      this.#generation = new Generation(this.#options)
    }
    return this.#generation
  }

  /** Settles when the cell is gone, and with the last one the program. */
  async leave(cell: object): Promise<void> {
    this.#cells.delete(cell)
    const generation = this.#generation
    if (this.#cells.size > 0 || generation === undefined) return
    this.#generation = undefined
    generation.end(new BulkheadError('plugin.crashed', 'the last plugin was unloaded'))
    await generation.ended()
  }
}
