// The cells that one runtime opened: disposing the runtime ends them all, and one that was still loading as well.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { type Cell, type CellOptions, openCell } from './cell.ts'

/** See the file's head. */
export class CellFleet implements AsyncDisposable {
  readonly #cells = new Set<Cell>()
  readonly #owner: string
  #closed = false

  /** `owner` names the runtime in messages. */
  constructor(owner: string) {
    this.#owner = owner
  }

  /** @throws BulkheadError `host.closed` once disposed */
  requireOpen(): void {
    if (this.#closed) throw new BulkheadError('host.closed', `${this.#owner} is closed`)
  }

  /** As `openCell`; the cell may be disposed alone. @throws BulkheadError `host.closed`, and what opening raises */
  async open(options: CellOptions): Promise<Cell> {
    this.requireOpen()
    const cell = await openCell(options)
    this.#cells.add(cell)
    if (this.#closed) await cell[Symbol.asyncDispose]()
    this.requireOpen()
    return {
      actions: cell.actions,
      call: (request) => cell.call(request),
      [Symbol.asyncDispose]: async () => {
        this.#cells.delete(cell)
        await cell[Symbol.asyncDispose]()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#cells].map((cell) => cell[Symbol.asyncDispose]()))
    this.#cells.clear()
  }
}
