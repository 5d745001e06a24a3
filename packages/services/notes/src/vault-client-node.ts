// The host's end of a vault's thread: sends questions, hands out answers, has texts embedded, and starts the thread when it is
// needed and again after it died. Each principal has a few questions under way at a time, so that one that floods the vault delays
// only itself.

import type { Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from '@bulkhead/cell'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { Embedder } from './embedder.ts'
import { errorOf } from './failure.ts'
import type { Answers, FromThread, Question, ThreadData, ToThread } from './wire.ts'

/** Questions of one principal that the thread may hold at once; the rest wait. */
const inFlight = 8

/** On whose behalf. */
export interface NotesCaller {
  /** Principal id. */
  readonly principal: string
  readonly signal: AbortSignal
}

interface Asked {
  readonly id: number
  readonly question: Question
  readonly principal: string
  settle(answer: unknown): void
  fail(error: unknown): void
}

/** One vault's thread. */
export class VaultClient implements AsyncDisposable {
  readonly #data: ThreadData
  readonly #embedder: Embedder | undefined
  readonly #waiting = new Map<string, Asked[]>()
  readonly #sent = new Map<number, Asked>()
  readonly #sentBy = new Map<string, number>()
  #worker: Worker | undefined
  #nextId = 1
  #closing: Promise<void> | undefined

  constructor(data: ThreadData, embedder: Embedder | undefined) {
    this.#data = data
    this.#embedder = embedder
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.#sent.size === 0 && this.#waiting.size === 0
  }

  /** @throws BulkheadError `notes.*`, `limit.file-size`, `host.closed`, or the reason of the caller's signal */
  ask<Kind extends Question['kind']>(
    question: Question & { readonly kind: Kind },
    { principal, signal }: NotesCaller,
  ): Promise<Answers[Kind]> {
    if (this.#closing !== undefined) {
      return Promise.reject(new BulkheadError('host.closed', 'the note vault is closed'))
    }
    if (signal.aborted) return Promise.reject(asBulkheadError(signal.reason, 'call.cancelled'))
    return new Promise((resolve, reject) => {
      const abort = (): void => this.#cancel(asked, asBulkheadError(signal.reason, 'call.cancelled'))
      const done = (): void => signal.removeEventListener('abort', abort)
      const asked: Asked = {
        id: this.#nextId++,
        question,
        principal,
        settle: (answer) => {
          done()
          resolve(answer as Answers[Kind])
        },
        fail: (error) => {
          done()
          reject(asBulkheadError(error, 'notes.failed'))
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      const queue = this.#waiting.get(principal)
      if (queue === undefined) this.#waiting.set(principal, [asked])
      else queue.push(asked)
      this.#send(principal)
    })
  }

  /** Vectors of texts; undefined when there is no embedder. @throws BulkheadError `notes.failed` */
  async embed(texts: readonly string[]): Promise<readonly Float32Array[] | undefined> {
    const embedder = this.#embedder
    if (embedder === undefined) return undefined
    const vectors = await embedder.embed(texts)
    const fits = vectors.length === texts.length && vectors.every(({ length }) => length === embedder.dimensions)
    if (fits) return vectors
    throw new BulkheadError(
      'notes.failed',
      `the embedder ${embedder.id} did not give one vector of its length for each text`,
    )
  }

  /** Lets the thread finish what it holds and end. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const worker = this.#worker
    if (worker !== undefined) {
      worker.ref()
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage({ kind: 'close' } satisfies ToThread)
      await exited
    }
    for (const asked of [...this.#waiting.values()].flat())
      asked.fail(new BulkheadError('host.closed', 'the note vault is closed'))
    this.#waiting.clear()
  }

  #send(principal: string): void {
    const queue = this.#waiting.get(principal) ?? []
    let count = this.#sentBy.get(principal) ?? 0
    while (count < inFlight && this.#closing === undefined) {
      const asked = queue.shift()
      if (asked === undefined) break
      this.#sent.set(asked.id, asked)
      this.#sentBy.set(principal, ++count)
      try {
        this.#worker ??= this.#start()
        this.#worker.ref()
        this.#worker.postMessage({ kind: 'ask', id: asked.id, question: asked.question } satisfies ToThread)
      } catch (error) {
        this.#take(asked.id)
        asked.fail(error)
        count--
      }
    }
    if (queue.length === 0) this.#waiting.delete(principal)
    // A thread without questions does not keep the process alive.
    if (this.#sent.size === 0) this.#worker?.unref()
  }

  #take(id: number): Asked | undefined {
    const asked = this.#sent.get(id)
    if (asked === undefined) return undefined
    this.#sent.delete(id)
    const left = (this.#sentBy.get(asked.principal) ?? 1) - 1
    if (left === 0) this.#sentBy.delete(asked.principal)
    else this.#sentBy.set(asked.principal, left)
    return asked
  }

  #cancel(asked: Asked, error: BulkheadError): void {
    if (this.#take(asked.id) !== undefined) {
      this.#worker?.postMessage({ kind: 'cancel', id: asked.id } satisfies ToThread)
    } else {
      const queue = this.#waiting.get(asked.principal)
      const at = queue?.indexOf(asked) ?? -1
      if (at !== -1) queue?.splice(at, 1)
    }
    asked.fail(error)
    this.#send(asked.principal)
  }

  #start(): Worker {
    const worker = startThread({
      url: moduleBeside(import.meta.url, 'vault-thread'),
      name: 'bulkhead-notes',
      workerData: this.#data,
    })
    let why = 'it ended'
    worker.on('message', (message: FromThread) => this.#receive(message, worker))
    worker.on('error', (error: unknown) => {
      why = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      // Nobody knows whether these took place: whoever asked must look before writing again.
      for (const id of [...this.#sent.keys()]) {
        const asked = this.#take(id)
        asked?.fail(new BulkheadError('notes.failed', `the vault's thread died: ${why}`))
      }
      for (const principal of [...this.#waiting.keys()]) this.#send(principal)
    })
    return worker
  }

  #receive(message: FromThread, worker: Worker): void {
    if (message.kind === 'embed') {
      void this.#embedFor(message, worker)
      return
    }
    const asked = this.#take(message.id)
    if (asked === undefined) return
    if (message.kind === 'answer') asked.settle(message.answer)
    else asked.fail(errorOf(message.failure, asked.question))
    this.#send(asked.principal)
  }

  async #embedFor({ id, texts }: FromThread & { kind: 'embed' }, worker: Worker): Promise<void> {
    let data: Float32Array | null = null
    try {
      const vectors = await this.embed(texts)
      if (vectors !== undefined) {
        data = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0))
        let at = 0
        for (const vector of vectors) {
          data.set(vector, at)
          at += vector.length
        }
      }
    } catch {
      // Semantic search then tells how many notes have no vectors yet.
    }
    worker.postMessage(
      { kind: 'vectors', id, data } satisfies ToThread,
      data === null ? [] : [data.buffer as ArrayBuffer],
    )
  }
}
