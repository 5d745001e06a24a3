// Threads that compute for plugins, so that a hostile input holds a thread and never the host's loop. The end of the host
// call that asked ends its thread. A principal computes one thing at a time, first come first served: a plugin that keeps a thread busy
// delays itself. Several of them cannot hold all threads: one is kept for what is short, and none is held for long while others wait.

import type { Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from '@bulkhead/cell'
import { asBulkheadError, BulkheadError, errorFromWire, makeTurnQueue } from '@bulkhead/kernel'
import type { ComputationInput, ComputationName, ComputationResult } from './computations.ts'
import type { Answer, Task } from './wire.ts'

/** Options of {@link Computer}. */
export interface ComputerOptions {
  /** Most threads at once, two at least; a second one is started only while the first computes. One of them is for short inputs alone. */
  readonly threads?: number
  /** Inputs up to that weight are short: characters of text, edges of a graph. */
  readonly shortInput?: number
  /** A short input that takes longer on the thread that is kept for them begins anew on another, as a long one. Milliseconds. */
  readonly shortMs?: number
  /** A computation that took so long is ended once another one waits for its thread. Milliseconds. */
  readonly heldMs?: number
  /** After that many milliseconds without work a thread ends. */
  readonly idleMs?: number
  /** Most memory of JavaScript objects in one thread, MiB. */
  readonly memoryMiB?: number
}

/** On whose behalf something is computed. */
export interface ComputeFor {
  /** The principal; each has one computation under way. */
  readonly principal: string
  /** Its end ends the computation. */
  readonly signal: AbortSignal
}

interface Job {
  readonly task: Task
  isShort: boolean
  resolve(result: unknown): void
  reject(error: Error): void
}

interface Thread {
  readonly worker: Worker
  /** Takes short inputs alone. */
  readonly isKept: boolean
  job: Job | undefined
  /** Runs out when it has nothing to do for long, or when its computation takes long. */
  timer: NodeJS.Timeout | undefined
  /** Its computation may be ended for another. */
  isHeld: boolean
}

const defaults = {
  threads: 4,
  shortInput: 64 * 1024,
  shortMs: 1000,
  heldMs: 10_000,
  idleMs: 10_000,
  memoryMiB: 256,
} as const satisfies Required<ComputerOptions>

/** What there is to compute on, about: characters, members of columns. Inputs are flat, but for the graph in them. */
const weightOf = (input: object): number => {
  let weight = 0
  for (const value of Object.values(input)) {
    if (typeof value === 'string' || Array.isArray(value) || ArrayBuffer.isView(value)) {
      weight += (value as { readonly length: number }).length
    } else if (typeof value === 'object' && value !== null) weight += weightOf(value)
  }
  // Nodes without edges are a number alone.
  return weight + ('nodes' in input && typeof input.nodes === 'number' ? input.nodes : 0)
}

/** See the file's head. Nothing is started before the first computation. */
export class Computer implements AsyncDisposable {
  readonly #limits: Required<ComputerOptions>
  readonly #turns = makeTurnQueue(1)
  readonly #threads = new Set<Thread>()
  readonly #waiting = new Set<Job>()
  #closed = false

  constructor(options: ComputerOptions = {}) {
    this.#limits = { ...defaults, ...options, threads: Math.max(2, options.threads ?? defaults.threads) }
  }

  /**
   * Computes.
   * @throws BulkheadError what the computation says of its input, `limit.memory`, `limit.host-call-time` when others wait for its
   *   thread, `host.closed`, or the reason of the signal
   */
  async compute<Name extends ComputationName>(
    name: Name,
    input: ComputationInput<Name>,
    { principal, signal }: ComputeFor,
  ): Promise<ComputationResult<Name>> {
    using _turn = await this.#turns.take(principal, signal)
    if (this.#closed) throw closedError()
    // Awaited here: the turn lasts as long as the computation.
    return (await new Promise<unknown>((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', abort)
      }
      const job: Job = {
        task: { name, input },
        isShort: weightOf(input) <= this.#limits.shortInput,
        resolve: (result) => {
          end()
          resolve(result)
        },
        reject: (error) => {
          end()
          reject(error)
        },
      }
      const abort = (): void => {
        this.#drop(job)
        job.reject(asBulkheadError(signal.reason, 'call.cancelled'))
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(job)
      this.#assign()
    })) as ComputationResult<Name>
  }

  /** Ends the threads; what they computed fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const job of this.#waiting) job.reject(closedError())
    this.#waiting.clear()
    await Promise.all([...this.#threads].map((thread) => this.#end(thread, closedError())))
  }

  /** Gives what waits to threads that are free, first come first served: each principal has one at the most in line. */
  #assign(): void {
    for (const job of this.#waiting) {
      const thread = this.#freeThread(job)
      if (thread === undefined) {
        // Whoever has held a thread for long makes way; its end comes back here.
        const held = [...this.#threads].find(({ isHeld, isKept }) => isHeld && !isKept)
        if (held !== undefined) return void this.#end(held, heldTooLong(this.#limits.heldMs))
        continue
      }
      this.#waiting.delete(job)
      thread.job = job
      thread.isHeld = false
      clearTimeout(thread.timer)
      thread.worker.ref()
      thread.worker.postMessage(job.task)
    }
  }

  #freeThread({ isShort }: Job): Thread | undefined {
    const threads = [...this.#threads]
    const isFree = (thread: Thread): boolean => thread.job === undefined
    const open = threads.filter(({ isKept }) => !isKept)
    const free = open.find(isFree)
    if (free !== undefined) return free
    if (open.length < this.#limits.threads - 1) return this.#start(false)
    if (!isShort) return undefined
    const kept = threads.find(({ isKept }) => isKept)
    if (kept === undefined) return this.#start(true)
    return isFree(kept) ? kept : undefined
  }

  #watch(thread: Thread): void {
    const { shortMs, heldMs } = this.#limits
    thread.timer = setTimeout(() => this.#takeLong(thread), thread.isKept ? shortMs : heldMs)
  }

  #takeLong(thread: Thread): void {
    const { job } = thread
    if (job === undefined) return
    if (thread.isKept) {
      // A computation has no effects: it can begin again.
      thread.job = undefined
      job.isShort = false
      this.#waiting.add(job)
      return void this.#end(thread)
    }
    thread.isHeld = true
    this.#assign()
  }

  #start(isKept: boolean): Thread {
    const worker = startThread({
      url: moduleBeside(import.meta.url, 'compute-thread'),
      name: 'bulkhead-compute',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memoryMiB, maxYoungGenerationSizeMb: 32 },
    })
    const thread: Thread = { worker, isKept, job: undefined, timer: undefined, isHeld: false }
    this.#threads.add(thread)
    worker.on('message', (answer: Answer) => {
      const { job } = thread
      if (answer.kind === 'begun') return this.#watch(thread)
      this.#rest(thread)
      if (answer.kind === 'result') job?.resolve(answer.result)
      else job?.reject(errorFromWire(answer.error))
      this.#assign()
    })
    worker.on('error', (error: Error & { code?: string }) => void this.#end(thread, this.#deathOf(error)))
    worker.on('exit', () => void this.#end(thread, this.#deathOf(new Error('it ended'))))
    return thread
  }

  #rest(thread: Thread): void {
    thread.job = undefined
    thread.isHeld = false
    clearTimeout(thread.timer)
    // A thread without work does not keep the process alive.
    thread.worker.unref()
    thread.timer = setTimeout(() => void this.#end(thread), this.#limits.idleMs).unref()
  }

  #drop(job: Job): void {
    if (this.#waiting.delete(job)) return
    const thread = [...this.#threads].find((one) => one.job === job)
    if (thread === undefined) return
    thread.job = undefined
    void this.#end(thread)
  }

  async #end(thread: Thread, error?: BulkheadError): Promise<void> {
    if (!this.#threads.delete(thread)) return
    clearTimeout(thread.timer)
    const { job } = thread
    thread.job = undefined
    if (error !== undefined) job?.reject(error)
    if (!this.#closed) this.#assign()
    await thread.worker.terminate()
  }

  #deathOf(error: Error & { code?: string }): BulkheadError {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return new BulkheadError('limit.memory', `the computation needs more than ${this.#limits.memoryMiB} MiB`, {
        hint: 'Compute it in parts.',
        cause: error,
      })
    }
    return new BulkheadError('function.failed', 'the thread that computed died', { cause: error })
  }
}

const heldTooLong = (heldMs: number): BulkheadError =>
  new BulkheadError('limit.host-call-time', `the computation took longer than ${heldMs} ms while others waited`, {
    hint: 'Compute it in parts, or try again when less is going on.',
  })

const closedError = (): BulkheadError => new BulkheadError('host.closed', 'the host is closed')
