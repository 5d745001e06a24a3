// Threads that compute for plugins, so that a hostile input holds a thread and never the host's loop. The end of the host
// call that asked ends its thread. A principal computes one thing at a time, and there are more threads than one once one is held: a
// plugin that keeps a thread busy until its deadline delays itself.

import type { Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from '@bulkhead/cell'
import { asBulkheadError, BulkheadError, errorFromWire, makeTurnQueue } from '@bulkhead/kernel'
import type { ComputationInput, ComputationName, ComputationResult } from './computations.ts'
import type { Answer, Task } from './wire.ts'

/** Options of {@link Computer}. */
export interface ComputerOptions {
  /** Most threads at once; a second one is started only while the first computes. */
  readonly threads?: number
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
  resolve(result: unknown): void
  reject(error: Error): void
}

interface Thread {
  readonly worker: Worker
  job: Job | undefined
  idle: NodeJS.Timeout | undefined
}

/** See the file's head. Nothing is started before the first computation. */
export class Computer implements AsyncDisposable {
  readonly #limits: Required<ComputerOptions>
  readonly #turns = makeTurnQueue(1)
  readonly #threads = new Set<Thread>()
  readonly #waiting = new Set<Job>()
  #closed = false

  constructor({ threads = 4, idleMs = 10_000, memoryMiB = 256 }: ComputerOptions = {}) {
    this.#limits = { threads, idleMs, memoryMiB }
  }

  /**
   * Computes.
   * @throws BulkheadError what the computation says of its input, `limit.memory`, `host.closed`, or the reason of the signal
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
      const thread = this.#freeThread()
      if (thread === undefined) return
      this.#waiting.delete(job)
      thread.job = job
      clearTimeout(thread.idle)
      thread.worker.ref()
      thread.worker.postMessage(job.task)
    }
  }

  #freeThread(): Thread | undefined {
    const free = [...this.#threads].find(({ job }) => job === undefined)
    if (free !== undefined || this.#threads.size >= this.#limits.threads) return free
    return this.#start()
  }

  #start(): Thread {
    const worker = startThread({
      url: moduleBeside(import.meta.url, 'compute-thread'),
      name: 'bulkhead-compute',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memoryMiB, maxYoungGenerationSizeMb: 32 },
    })
    const thread: Thread = { worker, job: undefined, idle: undefined }
    this.#threads.add(thread)
    worker.on('message', (answer: Answer) => {
      const { job } = thread
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
    // A thread without work does not keep the process alive.
    thread.worker.unref()
    thread.idle = setTimeout(() => void this.#end(thread), this.#limits.idleMs).unref()
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
    clearTimeout(thread.idle)
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

const closedError = (): BulkheadError => new BulkheadError('host.closed', 'the host is closed')
