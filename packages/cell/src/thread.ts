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

/** Options of the host's Node that say how our own modules are found; no others reach a thread. */
const passedOptions = /^(?:-C|--conditions|--disable-warning)(?:=|$)/

/**
 * The part of Node's options that a thread gets. A host may run with options that break a thread (`--input-type`) or
 * load code into it (`--import`, `--require`).
 */
export const threadExecArgv = (execArgv: readonly string[]): string[] =>
  execArgv.flatMap((option, index) => {
    if (!passedOptions.test(option)) return []
    const value = execArgv[index + 1]
    return option.includes('=') || value === undefined ? [option] : [option, value]
  })

/**
 * Where Node keeps what our sources compile to, for threads that run from them: without it each of them strips the types of a
 * hundred modules first. What is built has no types to strip, and its threads get nothing.
 */
const compiledSources = (): Readonly<Record<string, string>> => {
  const folder = import.meta.url.endsWith('.ts') ? process.env['NODE_COMPILE_CACHE'] : undefined
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

/**
 * Starts a thread with an environment that is empty where we are built, and no access to the process's standard streams beyond ours.
 * The thread does not keep the process alive once `unref()` is called by the owner.
 */
export const startThread = (options: ThreadOptions): Worker =>
  new Worker(options.url, {
    name: options.name,
    workerData: options.workerData,
    env: compiledSources(),
    // Node's warnings on its own features belong to no plugin, and the process has had them once already.
    execArgv: [...threadExecArgv(process.execArgv), '--no-warnings'],
    stdin: false,
    ...(options.transferList === undefined ? {} : { transferList: options.transferList }),
    ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
  })

/** URL of a module beside the caller: `.ts` when running from sources, `.js` when built. */
export const moduleBeside = (importMetaUrl: string, name: string): URL =>
  new URL(`./${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl)
