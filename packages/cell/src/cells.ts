// The compartments that the plugins of one host share: a few threads, and the host's own for what runs inline. A plugin
// keeps the thread that it was given; the one with the fewest plugins takes the next.

import { availableParallelism } from 'node:os'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { Berth } from './berth.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { type Cell, type CellOptions, openCell } from './cell.ts'

/** What compartments are opened with. */
export interface CellsOptions {
  /** Threads at most; as many as the machine has cores when absent. They start when plugins need them. */
  readonly threads?: number
  /** Where rewritten modules are kept beyond the process; absent: nowhere. */
  readonly cache?: CodeCachePaths
}

/** See the file's head. Disposing it ends all cells; later ones are refused. */
export interface Cells extends AsyncDisposable {
  /** Loads an artifact. @throws BulkheadError `host.closed`, and what loading raises */
  open(options: CellOptions): Promise<Cell>
}

/** Opens compartments; the first thread starts with the first cell. @throws BulkheadError `config.invalid` */
export const openCells = ({ threads = availableParallelism(), cache }: CellsOptions = {}): Cells => {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BulkheadError('config.invalid', 'the number of threads must be a whole number above 0')
  }
  const berths: Berth[] = []
  const inline = new Berth({ boundary: 'inline', name: 'the host', cache })
  const open = new Set<Cell>()
  let closed = false

  const berthFor = (boundary: CellOptions['boundary']): Berth => {
    if (boundary === 'inline') return inline
    const emptiest = berths.reduce<Berth | undefined>(
      (least, berth) => (least === undefined || berth.size < least.size ? berth : least),
      undefined,
    )
    if (emptiest !== undefined && (emptiest.size === 0 || berths.length === threads)) return emptiest
    const berth = new Berth({ boundary: 'thread', name: `cell ${berths.length + 1}`, cache })
    berths.push(berth)
    return berth
  }

  return {
    open: async (options) => {
      requireOpen(closed)
      const cell = await openCell(options, berthFor(options.boundary))
      open.add(cell)
      if (closed) await cell[Symbol.asyncDispose]()
      requireOpen(closed)
      return cell
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await Promise.all([...open].map((cell) => cell[Symbol.asyncDispose]()))
      open.clear()
    },
  }
}

const requireOpen = (closed: boolean): void => {
  if (closed) throw new BulkheadError('host.closed', 'the compartments are closed')
}
