// The one place that starts threads. Services that need a thread of their own (the key-value store) come here too.

import { Worker, type WorkerOptions } from 'node:worker_threads'

/** What a thread is started with. */
export interface ThreadOptions {
  /** Module to run: `new URL('./x.ts', import.meta.url)` in sources; see {@link moduleBeside}. */
  readonly url: URL
  readonly name: string
  readonly workerData?: unknown
  readonly transferList?: NonNullable<WorkerOptions['transferList']>
  readonly resourceLimits?: NonNullable<WorkerOptions['resourceLimits']>
}

/**
 * Starts a thread with an empty environment and no access to the process's standard streams beyond ours.
 * The thread does not keep the process alive once `unref()` is called by the owner.
 */
export const startThread = (options: ThreadOptions): Worker =>
  new Worker(options.url, {
    name: options.name,
    workerData: options.workerData,
    env: {},
    stdin: false,
    ...(options.transferList === undefined ? {} : { transferList: options.transferList }),
    ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
  })

/** URL of a module beside the caller: `.ts` when running from sources, `.js` when built. */
export const moduleBeside = (importMetaUrl: string, name: string): URL =>
  new URL(`./${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl)
