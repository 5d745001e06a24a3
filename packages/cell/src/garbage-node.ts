// Gives memory of discarded instances back to the system. The engine frees it when it collects garbage, and small heaps
// with large memories behind them are collected too seldom: calls of 100 MiB each took 4 GiB before the first was freed.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of discarded instances after which garbage is collected when there is a moment for it. */
const collectAfterBytes = 128 * 1024 * 1024
/** The same, at once: a queue of calls leaves no moment between them. */
const collectAtOnceBytes = 2 * collectAfterBytes

/** Takes note of the memory of a discarded instance. */
export type NoteDiscarded = (bytes: number) => void

/** See the file's head. */
export interface GarbageCount {
  readonly note: NoteDiscarded
  /** Collects, if it is time to. For between two turns: what ended in the last one has been answered. */
  collectIfDue(): void
}

/** Makes the count of a cell with a heap of its own. On the host's thread use none: the program's heap may be large. */
export const makeGarbageCount = (): GarbageCount => {
  let discarded = 0
  let collectNow: (() => void) | undefined
  const collect = (): void => {
    discarded = 0
    if (collectNow === undefined) {
      setFlagsFromString('--expose-gc')
      collectNow = runInNewContext('gc') as () => void
    }
    collectNow()
  }
  return {
    note: (bytes) => {
      discarded += bytes
      // The instance in hand is freed the next time.
      if (discarded >= collectAtOnceBytes) collect()
    },
    collectIfDue: () => {
      if (discarded >= collectAfterBytes) collect()
    },
  }
}
