// The ticker, seen from the process: one thread for all cells, started with the first and ended with the last.

import { MessageChannel, type Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from './thread.ts'
import { tickerWords, wakeTicker } from './ticker-words.ts'

/** A thread's place at the ticker. Dispose it when the thread is gone. */
export interface TickerPlace extends Disposable {
  /** The words with which a thread wakes the ticker; see `wakeTicker`. */
  readonly control: Int32Array
  /** Has the flag among these words raised while their busy word is set; see registers.ts. */
  watch(words: Int32Array): void
}

interface Ticker {
  readonly control: Int32Array
  readonly worker: Worker
  readonly port: { postMessage(value: unknown): void; close(): void }
  places: number
}

let ticker: Ticker | undefined
let lastId = 0

const start = (): Ticker => {
  const control = new Int32Array(new SharedArrayBuffer(4 * tickerWords.count))
  const { port1, port2 } = new MessageChannel()
  const worker = startThread({
    url: moduleBeside(import.meta.url, 'ticker-entry'),
    name: 'ticker',
    workerData: { control, port: port2 },
    transferList: [port2],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 },
  })
  worker.unref()
  port1.unref()
  return { control, worker, port: port1, places: 0 }
}

const tell = ({ control, port }: Ticker, news: { id: number; words: Int32Array | undefined }): void => {
  port.postMessage(news)
  Atomics.add(control, tickerWords.news, 1)
  wakeTicker(control)
}

/** Takes a place at the ticker, which starts with the first one. */
export const openTickerPlace = (): TickerPlace => {
  ticker ??= start()
  const own = ticker
  const id = ++lastId
  let open = true
  own.places++
  return {
    control: own.control,
    watch: (words) => {
      if (open) tell(own, { id, words })
    },
    [Symbol.dispose]: () => {
      if (!open) return
      open = false
      tell(own, { id, words: undefined })
      if (--own.places > 0) return
      if (ticker === own) ticker = undefined
      Atomics.store(own.control, tickerWords.closed, 1)
      wakeTicker(own.control)
      own.port.close()
    },
  }
}
