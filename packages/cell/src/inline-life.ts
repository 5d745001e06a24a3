// A cell program on the host's own thread, without a wire between: for the boundary `inline`. It cannot be killed, only
// interrupted at its checks.

import type { Awaitable, HostReply, LogLevel, Payload, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import {
  asBulkheadError,
  type Bounded,
  BulkheadError,
  Deadlines,
  lifetimeOf,
  Roster,
  type RosterEntry,
} from '@bulkhead/kernel/wire'
import { openCacheAt } from './cache-place.ts'
import type { CodeCachePaths } from './code-cache/index.ts'
import { countOpen } from './compartment-count.ts'
import { HostCallLine } from './host-call-line.ts'
import type { LazyAbort } from './lazy-abort.ts'
import { type GuestHandle, type GuestToLoad, type Life, RunAgain } from './life.ts'
import { cancelledError, type Link, Program, type RunLink, type RunOutcome } from './program.ts'
import { makeRegisters } from './registers.ts'
import { checkOutput, nameEnd } from './run-result.ts'
import { Scheduler } from './scheduler.ts'
import { openTickerPlace } from './ticker.ts'
import { wakeTicker } from './ticker-words.ts'
import { deadlineClock, eventLoopTimers } from './timers.ts'

/** How long host calls may follow each other without a turn of the event loop, ms. */
const longestTurnMs = 1

/** See the file's head. */
export class InlineLife implements Life {
  readonly #program: Program
  readonly #runs = new Roster<InlineRun>()
  readonly #deadlines = new Deadlines(deadlineClock)
  readonly #resources = new DisposableStack()
  readonly #breath = new Breath()
  #dead: BulkheadError | undefined
  #lastGuest = 0

  constructor(cachePaths: CodeCachePaths | undefined) {
    const registers = makeRegisters()
    const place = this.#resources.use(openTickerPlace())
    place.watch(registers.words)
    const scheduler = new Scheduler(registers, (run) => void setImmediate(run))
    scheduler.waker = () => wakeTicker(place.control)
    const cache = openCacheAt(cachePaths)
    if (cache !== undefined) this.#resources.use(cache)
    this.#resources.use(countOpen())
    this.#resources.use(this.#deadlines)
    this.#program = new Program({
      registers,
      scheduler,
      timers: eventLoopTimers,
      noteDiscarded: () => undefined,
      cache,
    })
  }

  get dead(): BulkheadError | undefined {
    return this.#dead
  }

  async load(guest: GuestToLoad): Promise<GuestHandle> {
    if (this.#dead !== undefined) throw new RunAgain()
    const { artifact, driverUrl, features, timeoutMs, signal } = guest
    signal?.throwIfAborted()
    const id = ++this.#lastGuest
    const over = Promise.withResolvers<never>()
    const link = new InlineLink((level, message) => guest.log(level, message))
    const giveUp = (error: BulkheadError): void => {
      link.cancel()
      over.reject(error)
    }
    const timer = setTimeout(() => {
      giveUp(new BulkheadError('limit.time', `loading ${artifact.name} took more than ${timeoutMs} ms`))
    }, timeoutMs)
    timer.unref()
    const aborted = (): void => giveUp(asBulkheadError(signal?.reason, 'call.cancelled'))
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      const request = { guest: id, driver: driverUrl.href, artifact, ...(features === undefined ? {} : { features }) }
      const loaded = this.#program.load(request, link)
      loaded.catch(() => undefined)
      return { id, actions: await Promise.race([loaded, over.promise]) }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    }
  }

  unload(guest: GuestHandle): Promise<void> {
    this.#program.unload(guest.id)
    return Promise.resolve()
  }

  run(guest: GuestHandle, request: RuntimeCall, contextKey: string): Awaitable<RuntimeResult> {
    if (this.#dead !== undefined) throw new RunAgain()
    const { context, input, output, action } = request
    const run = new InlineRun(guest, request, this.#breath)
    // Where the context has a lifetime, whoever made it watches over its deadline.
    run.begin(this.#runs.add(run), context.lifetime === undefined ? this.#deadlines.add(run) : undefined)
    const outcome = this.#program.run(
      {
        guest: guest.id,
        action,
        contextKey,
        input,
        output,
        bounds: {
          cpuMs: context.limits.cpuMs,
          wallDeadlineMs: context.deadlineMs,
          fuel: context.limits.fuel,
        },
      },
      run,
    )
    return outcome instanceof Promise ? outcome.then((later) => run.result(later)) : run.result(outcome)
  }

  abandon(guest: GuestHandle, cause: BulkheadError): void {
    for (const run of this.#runs) if (run.guest === guest) run.end(cause)
  }

  end(cause: BulkheadError): void {
    if (this.#dead !== undefined) return
    this.#dead = cause
    for (const run of this.#runs) run.end(cause)
    this.#program.abandon()
    this.#resources.dispose()
  }

  ended(): Promise<void> {
    return Promise.resolve()
  }
}

class InlineLink implements Link {
  readonly log: Link['log']
  isCancelled = false
  #cancelled: (() => void) | undefined

  constructor(log: Link['log']) {
    this.log = log
  }

  onCancel(run: () => void): void {
    if (this.isCancelled) run()
    else this.#cancelled = run
  }

  cancel(): void {
    if (this.isCancelled) return
    this.isCancelled = true
    this.#cancelled?.()
  }
}

class InlineRun implements RunLink, Bounded {
  readonly guest: GuestHandle
  readonly #request: RuntimeCall
  readonly #breath: Breath
  #line: HostCallLine | undefined
  #cancelled: (() => void) | undefined
  #stop: (() => void) | undefined
  #entry: RosterEntry | undefined
  #watch: RosterEntry | undefined
  /** Why it ended before the program said so. */
  #ended: BulkheadError | undefined
  isCancelled = false

  constructor(guest: GuestHandle, request: RuntimeCall, breath: Breath) {
    this.guest = guest
    this.#request = request
    this.#breath = breath
  }

  /** Begins to listen for the call's end; leaves both places as it is over. */
  begin(entry: RosterEntry, watch: RosterEntry | undefined): void {
    this.#entry = entry
    this.#watch = watch
    this.#stop = lifetimeOf(this.#request.context).onEnd((error) => this.end(error))
  }

  /** What came of it, for its caller; it is over then. @throws BulkheadError */
  result(outcome: RunOutcome): RuntimeResult {
    this.#close()
    if (this.#ended !== undefined) throw this.#ended
    const request = this.#request
    if ('error' in outcome) {
      request.report?.(outcome.usage)
      throw nameEnd(outcome.error, request)
    }
    checkOutput(outcome.output, request)
    return { output: outcome.output, memoryBytes: outcome.memoryBytes, ...outcome.usage }
  }

  #close(): void {
    this.isCancelled = true
    this.#stop?.()
    this.#watch?.leave()
    this.#entry?.leave()
  }

  get deadlineMs(): number {
    return this.#request.context.deadlineMs
  }

  overdue(): void {
    this.end(new BulkheadError('limit.time', `${this.#request.action} ran past its time limit`))
  }

  end(cause: BulkheadError): void {
    if (this.isCancelled) return
    this.#ended = cause
    this.isCancelled = true
    this.#cancelled?.()
  }

  onCancel(run: () => void): void {
    if (this.isCancelled) run()
    else this.#cancelled = run
  }

  log(level: LogLevel, message: string): void {
    this.#request.log(level, message)
  }

  async dispatch(name: string, payload: Payload, over: LazyAbort): Promise<HostReply> {
    const line = (this.#line ??= new HostCallLine())
    await line.enter()
    try {
      const rest = this.#breath.draw()
      if (rest !== undefined) await rest
      if (this.isCancelled) return cancelledReply()
      return await unlessOver(this.#request.dispatch(name, payload), over)
    } finally {
      line.leave()
    }
  }
}

const cancelledReply = (): HostReply => ({ ok: false, error: cancelledError().toJSON() })

/** The reply, or that the call is over, whichever is first. */
const unlessOver = (reply: Promise<HostReply>, over: LazyAbort): Promise<HostReply> =>
  new Promise((resolve) => {
    const stop = over.listen(() => resolve(cancelledReply()))
    void reply.then((answer) => {
      stop()
      resolve(answer)
    })
  })

/** Lets the event loop turn when guests and host keep each other busy for long. */
class Breath {
  #sinceMs = 0
  #isTurning = false

  /** Undefined: go on. */
  draw(): Promise<void> | undefined {
    const nowMs = performance.now()
    if (!this.#isTurning) {
      this.#isTurning = true
      this.#sinceMs = nowMs
      setImmediate(() => {
        this.#isTurning = false
      })
    }
    return nowMs - this.#sinceMs > longestTurnMs ? new Promise((resolve) => void setImmediate(resolve)) : undefined
  }
}
