// Gives memory of discarded instances back to the system. The engine frees it when it collects garbage, and small heaps
// with large memories behind them are collected too seldom: calls of 100 MiB each took 4 GiB before the first was freed.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of discarded instances after which garbage is collected. */
const collectAfterBytes = 256 * 1024 * 1024

/** Takes note of a discarded instance. */
export type NoteDiscarded = (bytes: number) => void

/** Makes the count of a cell with a heap of its own. On the host's thread use none: the program's heap may be large. */
export const makeGarbageCount = (): NoteDiscarded => {
  let discarded = 0
  let collect: (() => void) | undefined
  return (bytes) => {
    discarded += bytes
    if (discarded < collectAfterBytes) return
    discarded = 0
    if (collect === undefined) {
      setFlagsFromString('--expose-gc')
      collect = runInNewContext('gc') as () => void
    }
    // At once: a queue of calls leaves the event loop no turn. The instance in hand is freed the next time.
    collect()
  }
}
