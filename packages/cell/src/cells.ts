// The compartments that the plugins of one host share: a few threads, and the host's own for what runs inline. A plugin
// keeps the thread that it was given; the one with the fewest plugins takes the next.

import { availableParallelism } from 'node:os'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { Berth } from './berth.ts'
import { type Cell, type CellOptions, openCell } from './cell.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { openCompartment } from './compartment.ts'
import { Generation } from './generation.ts'
import { InlineLife } from './inline-life.ts'
import { type JailPort, openJail } from './jail/jail.ts'
import { JailStock } from './jail/jail-stock.ts'

/** What compartments are opened with. */
export interface CellsOptions {
  /** Threads at most; as many as the machine has cores when absent. They start when plugins need them. */
  readonly threads?: number | undefined
  /** Where rewritten modules are kept beyond the process; absent: nowhere. */
  readonly cache?: CodeCachePaths
  /** Starts the processes of jails; absent: there are none. */
  readonly jails?: JailPort
  /** Jails that are started before somebody needs them, from the first one on; 1 when absent. */
  readonly spareJails?: number | undefined
}

/** See the file's head. Disposing it ends all cells; later ones are refused. */
export interface Cells extends AsyncDisposable {
  /** Loads an artifact. @throws BulkheadError `host.closed`, and what loading raises */
  open(options: CellOptions): Promise<Cell>
  /** Why there can be no jails here; undefined where there can. It is found out by starting one: see JailStock. */
  jailFault(): Promise<BulkheadError | undefined>
  /** Starts a jail for whoever opens the next one, unless one is ready. */
  prepareJail(): void
}

/** Opens compartments; the first thread starts with the first cell. @throws BulkheadError `config.invalid` */
export const openCells = (options: CellsOptions = {}): Cells => {
  const { threads = availableParallelism(), cache, jails, spareJails = 1 } = options
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BulkheadError('config.invalid', 'the number of threads must be a whole number above 0')
  }
  const berths: Berth[] = []
  const inline = new Berth(() => new InlineLife(cache))
  /** By domain. */
  const jailed = new Map<string, Berth>()
  const stock = jails === undefined ? undefined : new JailStock(jails, spareJails)
  const open = new Set<Cell>()
  let closed = false

  const jailFor = (domain: string, guestBytes: number): Berth => {
    const known = jailed.get(domain)
    if (known !== undefined) return known
    if (stock === undefined) {
      throw new BulkheadError('runtime.missing', 'these compartments have no jails', {
        hint: 'Use the boundary "thread".',
      })
    }
    for (const [other, { size }] of jailed) if (size === 0) jailed.delete(other)
    const berth = new Berth(() => new Generation(openJail(domain, stock.take(guestBytes))))
    jailed.set(domain, berth)
    return berth
  }

  const berthFor = ({ boundary, domain, artifact: { limits } }: CellOptions): Berth => {
    if (boundary === 'inline') return inline
    if (boundary === 'jail') return jailFor(domain, guestBytesOf(limits))
    const emptiest = berths.reduce<Berth | undefined>(
      (least, berth) => (least === undefined || berth.size < least.size ? berth : least),
      undefined,
    )
    if (emptiest !== undefined && (emptiest.size === 0 || berths.length === threads)) return emptiest
    const name = `cell ${berths.length + 1}`
    const berth = new Berth(() => new Generation(openCompartment({ name, cache })))
    berths.push(berth)
    return berth
  }

  return {
    open: async (cellOptions) => {
      requireOpen(closed)
      const cell = await openCell(cellOptions, berthFor(cellOptions))
      open.add(cell)
      if (closed) await cell[Symbol.asyncDispose]()
      requireOpen(closed)
      return cell
    },
    prepareJail: () => stock?.prepare(),
    jailFault: async () => (stock === undefined ? noJails() : stock.fault()),
    [Symbol.asyncDispose]: async () => {
      closed = true
      await Promise.all([...open].map((cell) => cell[Symbol.asyncDispose]()))
      open.clear()
      await stock?.[Symbol.asyncDispose]()
    },
  }
}

const requireOpen = (closed: boolean): void => {
  if (closed) throw new BulkheadError('host.closed', 'the compartments are closed')
}

const noJails = (): BulkheadError =>
  new BulkheadError('runtime.missing', 'these compartments have no jails', { hint: 'Use the boundary "thread".' })

/** What the instances of a plugin may take together: each its memories, and the blocks that it exchanges with the host. */
const guestBytesOf = ({ memoryBytes, concurrency }: CellOptions['artifact']['limits']): number =>
  2 * memoryBytes * concurrency
