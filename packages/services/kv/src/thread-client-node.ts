// The host's end of the store's thread: sends requests, hands out answers, starts the thread when it is needed and
// again after it died. Each principal has a lane of its own, so that one that floods the store delays only itself.

import type { Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from '@bulkhead/cell'
import { asBulkheadError, BulkheadError, errorTable } from '@bulkhead/kernel'
import type { KvCaller } from './store.ts'
import type { Answer, FromThread, Request, ThreadData, ToThread } from './wire.ts'

/** Requests that the thread may hold at once; the rest wait in their lanes. */
const inFlight = 64

interface Waiting {
  readonly request: Request
  readonly lane: string
  settle(answer: Answer): void
  fail(error: BulkheadError): void
}

/** One store's thread. */
export class ThreadClient implements AsyncDisposable {
  readonly #data: ThreadData
  readonly #lanes = new Map<string, Waiting[]>()
  readonly #sent = new Map<number, Waiting>()
  #worker: Worker | undefined
  #nextId = 1
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(data: ThreadData) {
    this.#data = data
  }

  /** @throws BulkheadError `kv.failed`, `host.closed`, or the reason of the caller's signal */
  ask(request: Omit<Request, 'id'>, caller: KvCaller): Promise<Answer> {
    if (this.#closing !== undefined) {
      return Promise.reject(new BulkheadError('host.closed', 'the key-value store is closed'))
    }
    const { signal, principal } = caller
    if (signal?.aborted === true) return Promise.reject(asBulkheadError(signal.reason, 'call.cancelled'))
    return new Promise<Answer>((resolve, reject) => {
      const id = this.#nextId++
      const abort = (): void => this.#cancel(waiting, asBulkheadError(signal?.reason, 'call.cancelled'))
      const waiting: Waiting = {
        request: { ...request, id },
        lane: principal,
        settle: (answer) => {
          signal?.removeEventListener('abort', abort)
          if (answer.kind === 'failed') reject(failed(answer))
          else resolve(answer)
        },
        fail: (error) => {
          signal?.removeEventListener('abort', abort)
          reject(error)
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      const lane = this.#lanes.get(principal)
      if (lane === undefined) this.#lanes.set(principal, [waiting])
      else lane.push(waiting)
      this.#send()
    })
  }

  /** Answers what was asked, closes the database, ends the thread. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#lanes.size + this.#sent.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'close' } satisfies ToThread)
    await exited
  }

  /** Sends one request of each lane in turn, as many as the thread may hold. */
  #send(): void {
    while (this.#sent.size < inFlight) {
      const [next] = this.#lanes
      if (next === undefined) break
      const [key, lane] = next
      const waiting = lane.shift()
      // To the back: the others come before this lane's next.
      this.#lanes.delete(key)
      if (lane.length > 0) this.#lanes.set(key, lane)
      if (waiting === undefined) continue
      this.#sent.set(waiting.request.id, waiting)
      try {
        this.#worker ??= this.#start()
        this.#worker.ref()
        this.#worker.postMessage({ kind: 'request', request: waiting.request } satisfies ToThread)
      } catch (error) {
        this.#sent.delete(waiting.request.id)
        waiting.fail(asBulkheadError(error, 'kv.failed'))
      }
    }
    if (this.#sent.size > 0) return
    // A thread without work does not keep the process alive.
    this.#worker?.unref()
    this.#idle?.()
  }

  #cancel(waiting: Waiting, error: BulkheadError): void {
    const { id } = waiting.request
    if (this.#sent.delete(id)) this.#worker?.postMessage({ kind: 'cancel', id } satisfies ToThread)
    else {
      const lane = this.#lanes.get(waiting.lane)?.filter((other) => other !== waiting) ?? []
      if (lane.length > 0) this.#lanes.set(waiting.lane, lane)
      else this.#lanes.delete(waiting.lane)
    }
    waiting.fail(error)
    this.#send()
  }

  #start(): Worker {
    const worker = startThread({
      url: moduleBeside(import.meta.url, 'sqlite-thread'),
      name: 'bulkhead-kv',
      workerData: this.#data,
    })
    let why = 'it ended'
    worker.on('message', (message: FromThread) => {
      if (message.kind !== 'answers') return
      for (const { id, answer } of message.answers) {
        const waiting = this.#sent.get(id)
        this.#sent.delete(id)
        waiting?.settle(answer)
      }
      this.#send()
    })
    worker.on('error', (error: unknown) => {
      why = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      const lost = [...this.#sent.values()]
      this.#sent.clear()
      // Nobody knows whether these took place: the caller must look before it writes again. What was not sent goes
      // to the next thread.
      for (const waiting of lost) waiting.fail(failed({ message: `the store's thread died: ${why}` }))
      this.#send()
    })
    return worker
  }
}

// These errors reach guests: they never name a path of the host's.
const failed = ({ message, busy = false, hint }: { message: string; busy?: boolean; hint?: string }): BulkheadError =>
  new BulkheadError('kv.failed', `the key-value store failed: ${message}`, {
    hint: busy ? 'Another program holds the store locked; try again.' : (hint ?? errorTable['kv.failed'].hint),
  })
