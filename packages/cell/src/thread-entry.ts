// Entry of a worker thread: the cell program over the rings that it was given. Nothing else happens here.

import { parentPort, workerData } from 'node:worker_threads'
import type { FarEnd } from './channel-ring.ts'
import { openCacheAt } from './cache-place.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { makeGarbageCount } from './garbage-node.ts'
import { runThread } from './thread-loop.ts'

/** What the host hands over. */
export interface ThreadData {
  readonly ends: FarEnd
  readonly ticker: Int32Array
  /** Where rewritten modules are kept; absent where nowhere. */
  readonly cache: CodeCachePaths | undefined
}

if (parentPort !== null) {
  const { ends, ticker, cache } = workerData as ThreadData
  const registers = runThread({ ends, ticker, garbage: makeGarbageCount(), cache: openCacheAt(cache) })
  parentPort.postMessage(registers.words)
}
