// The cells that one runtime opened in compartments it may share with others: disposing the runtime ends its own.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Cell, CellOptions } from './cell.ts'
import { type Cells, openCells } from './cells.ts'

/** See the file's head. */
export class CellFleet implements AsyncDisposable {
  readonly #cells: Cells
  readonly #open = new Set<Cell>()
  readonly #owner: string
  #closed = false

  /** `owner` names the runtime in messages; `cells` are the caller's, and some of its own when absent. */
  constructor(owner: string, cells: Cells = openCells()) {
    this.#owner = owner
    this.#cells = cells
  }

  /** @throws BulkheadError `host.closed` once disposed */
  requireOpen(): void {
    if (this.#closed) throw new BulkheadError('host.closed', `${this.#owner} is closed`)
  }

  /** As `Cells.open`; the cell may be disposed alone. @throws BulkheadError `host.closed`, and what opening raises */
  async open(options: CellOptions): Promise<Cell> {
    this.requireOpen()
    const cell = await this.#cells.open(options)
    this.#open.add(cell)
    if (this.#closed) await cell[Symbol.asyncDispose]()
    this.requireOpen()
    return {
      actions: cell.actions,
      call: (request) => cell.call(request),
      [Symbol.asyncDispose]: async () => {
        this.#open.delete(cell)
        await cell[Symbol.asyncDispose]()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open].map((cell) => cell[Symbol.asyncDispose]()))
    this.#open.clear()
  }
}
