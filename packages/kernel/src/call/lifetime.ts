// How long a call (or a host call) lasts: it ends once, with an error, and whoever listens hears of it. An AbortSignal
// says the same, but making one costs more than a small call, so it is made when somebody asks for it.

import { asBulkheadError, type BulkheadError } from '../errors.ts'

/** Ends once. */
export interface Lifetime {
  /** Why it ended; undefined while it lasts. */
  readonly error: BulkheadError | undefined
  /** Aborts when it ends, with the error as its reason. Made when it is first read. */
  readonly signal: AbortSignal
  /** Calls back once when it ends, at once if it has. Answers how to take that back. */
  onEnd(run: (error: BulkheadError) => void): () => void
}

/** What signals are made with: an AbortController is one. */
export interface SignalSource {
  readonly signal: AbortSignal
  abort(reason: unknown): void
}

/** Makes a {@link SignalSource}. */
export type MakeSignal = () => SignalSource

type Listener = (error: BulkheadError) => void

const nothing = (): void => undefined

/** A lifetime with its end. */
export class OwnedLifetime implements Lifetime {
  readonly #makeSignal: MakeSignal
  // Most lifetimes have one listener at the most, which needs no set.
  #first: Listener | undefined
  #others: Set<Listener> | undefined
  #source: SignalSource | undefined
  #error: BulkheadError | undefined

  constructor(makeSignal: MakeSignal) {
    this.#makeSignal = makeSignal
  }

  get error(): BulkheadError | undefined {
    return this.#error
  }

  get signal(): AbortSignal {
    if (this.#source === undefined) {
      this.#source = this.#makeSignal()
      if (this.#error !== undefined) this.#source.abort(this.#error)
    }
    return this.#source.signal
  }

  onEnd(run: (error: BulkheadError) => void): () => void {
    if (this.#error !== undefined) {
      run(this.#error)
      return nothing
    }
    if (this.#first === undefined && this.#others === undefined) this.#first = run
    else (this.#others ??= new Set()).add(run)
    return () => {
      if (this.#first === run) this.#first = undefined
      else this.#others?.delete(run)
    }
  }

  /** Ends it, unless it has ended. */
  end(error: BulkheadError): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#source?.abort(error)
    const first = this.#first
    const others = this.#others
    this.#first = this.#others = undefined
    first?.(error)
    if (others !== undefined) for (const run of others) run(error)
  }
}

/** The lifetime of a call; where its maker gave only a signal, what that says. */
export const lifetimeOf = (context: { readonly lifetime?: Lifetime; readonly signal: AbortSignal }): Lifetime =>
  context.lifetime ?? lifetimeOfSignal(context.signal)

const lifetimeOfSignal = (signal: AbortSignal): Lifetime => {
  const error = (): BulkheadError => asBulkheadError(signal.reason, 'call.cancelled')
  return {
    signal,
    get error() {
      return signal.aborted ? error() : undefined
    },
    onEnd: (run) => {
      if (signal.aborted) {
        run(error())
        return nothing
      }
      const listener = (): void => run(error())
      signal.addEventListener('abort', listener, { once: true })
      return () => signal.removeEventListener('abort', listener)
    },
  }
}

/** Waits for `promise`, but not past the lifetime's end; whatever is waited for goes on. @throws BulkheadError its error */
export const within = <T>(lifetime: Lifetime, promise: Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const stop = lifetime.onEnd(reject)
    promise.then(
      (value) => {
        stop()
        resolve(value)
      },
      (thrown: unknown) => {
        stop()
        reject(thrown instanceof Error ? thrown : asBulkheadError(thrown))
      },
    )
  })
