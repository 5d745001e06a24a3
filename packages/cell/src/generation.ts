// The life of a cell program behind a wire; see life.ts for what that is.

import type { Json, LogLevel, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import { asBulkheadError, boundLog, BulkheadError, Deadlines, type Log } from '@bulkhead/kernel/wire'
import { artifactToContent } from './artifact.ts'
import type { Compartment } from './compartment.ts'
import { HostCalls } from './host-calls.ts'
import { type GuestHandle, type GuestToLoad, type Life, RunAgain } from './life.ts'
import { parseActions } from './loaded-actions.ts'
import { Peer } from './peer.ts'
import type { OutgoingCall } from './peer-calls.ts'
import { Run } from './run.ts'
import { asCellError } from './run-result.ts'
import { deadlineClock } from './timers.ts'

/**
 * How long a compartment may show no sign of life while a cancelled call should unwind. Then it is ended. A machine that has
 * more to do than cores keeps a sound thread from running for a tenth of a second, and ending it makes things worse.
 */
const graceMs = 250
/** The same, whatever signs it shows. */
const longestGraceMs = 1000
/** The same while something is being loaded: a module is compiled in one piece. */
const loadingGraceMs = 2000
/**
 * How long a compartment may take to let go of a plugin. No guest code runs for that, but those of others may, and many
 * plugins may go at once.
 */
const unloadGraceMs = 2000
/** A grace is waited for in so many steps: a host that was held up itself looks for the answer before it gives up. */
const graceSteps = 5

/** Most bytes of one message from a cell, whatever the limits say. */
const leastContentCap = 64 * 1024 * 1024

/** See the file's head. */
export class Generation implements Life {
  readonly #compartment: Compartment
  readonly #peer: Peer
  readonly #runs = new Map<number, Run>()
  readonly #loads = new Map<number, Log>()
  /** Of those that are loaded. */
  readonly #guests = new Map<number, GuestToLoad>()
  readonly #deadlines = new Deadlines(deadlineClock)
  readonly #dying = Promise.withResolvers<never>()
  /** Ends of the waits for something to unwind. */
  readonly #unwinding = new Set<() => void>()
  #dead: BulkheadError | undefined
  #ended: Promise<void> = Promise.resolve()
  #holds = 0
  #lastGuest = 0
  #maxContentBytes = leastContentCap

  /** The compartment is its own from then on. */
  constructor(compartment: Compartment) {
    this.#dying.promise.catch(() => undefined)
    this.#compartment = compartment
    this.#compartment.onDeath((error) => this.#die(error))
    const mostBytes = (): number => this.#maxContentBytes
    this.#peer = new Peer(this.#compartment.channel, {
      isTrusted: false,
      get maxContentBytes() {
        return mostBytes()
      },
      malformed: (error) => this.#die(new BulkheadError('plugin.crashed', error.message, { cause: error })),
      log: (id, level, message) => this.#log(id, level, message),
      admit: (call, bytes) => hostCalls.admit(call, bytes),
      call: (call) => hostCalls.answer(call),
    })
    const hostCalls = new HostCalls(this.#runs, () => this.#peer.noteUnasked())
  }

  get dead(): BulkheadError | undefined {
    return this.#dead
  }

  async load(guest: GuestToLoad): Promise<GuestHandle> {
    const { artifact, driverUrl, features, timeoutMs, signal } = guest
    if (this.#dead !== undefined) throw new RunAgain()
    signal?.throwIfAborted()
    const id = ++this.#lastGuest
    this.#maxContentBytes = Math.max(this.#maxContentBytes, artifact.limits.outputBytes)
    this.#hold(1)
    const head = {
      op: 'load',
      guest: id,
      driver: driverUrl.href,
      ...(features === undefined ? {} : { features: { ...features } as Json }),
    }
    const outgoing = this.#peer.call(head, artifactToContent(artifact))
    const answer = outgoing.answer.catch((thrown: unknown) => {
      throw asCellError(asBulkheadError(thrown))
    })
    this.#loads.set(outgoing.id, boundLog(guest.log))
    const over = Promise.withResolvers<never>()
    const giveUp = (error: BulkheadError): void => {
      over.reject(error)
      this.#endSoon(outgoing, error)
    }
    const timer = setTimeout(() => {
      giveUp(new BulkheadError('limit.time', `loading ${artifact.name} took more than ${timeoutMs} ms`))
    }, timeoutMs)
    timer.unref()
    const aborted = (): void => giveUp(asBulkheadError(signal?.reason, 'call.cancelled'))
    signal?.addEventListener('abort', aborted, { once: true })
    try {
      const { content } = await Promise.race([answer, over.promise, this.#dying.promise])
      const actions = parseActions(content)
      this.#guests.set(id, guest)
      return { id, actions }
    } catch (thrown) {
      // It was ended for somebody else's sake, and loading has had no effect yet.
      const cause = this.dead
      if (cause !== undefined && thrown === cause && !isFault(cause)) throw new RunAgain()
      throw thrown
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      this.#loads.delete(outgoing.id)
      this.#hold(-1)
    }
  }

  async unload(guest: GuestHandle): Promise<void> {
    this.#guests.delete(guest.id)
    if (this.#dead !== undefined) return
    const outgoing = this.#peer.call({ op: 'unload', guest: guest.id })
    await this.#endUnlessAnswered(
      outgoing,
      new BulkheadError('plugin.crashed', 'the compartment did not let go of a plugin'),
      { patienceMs: unloadGraceMs },
    )
  }

  run(guest: GuestHandle, request: RuntimeCall, contextKey: string): Promise<RuntimeResult> {
    if (this.#dead !== undefined) return Promise.reject(new RunAgain())
    const { context } = request
    const { limits } = context
    const head: Record<string, string | number> = {
      op: 'run',
      guest: guest.id,
      action: request.action,
      output: request.output,
      contextKey,
      cpuMs: limits.cpuMs,
    }
    const wallMs = context.deadlineMs - performance.now()
    if (Number.isFinite(wallMs)) head['wallMs'] = wallMs
    if (limits.fuel !== undefined) head['fuel'] = limits.fuel
    const outgoing = this.#peer.call(head, request.input)
    const run = new Run(guest, request, outgoing)
    run.onOver = (error) => {
      outgoing.cancel()
      this.#endSoon(outgoing, error, run)
    }
    this.#runs.set(outgoing.id, run)
    const watch = this.#deadlines.add(run)
    this.#hold(1)
    run.start()
    return run.result.finally(() => {
      watch.leave()
      this.#runs.delete(outgoing.id)
      // Answers that the cell never took, and what it never finished to ask.
      for (const id of run.arrived) this.#peer.drop(id)
      this.#hold(-1)
    })
  }

  abandon(guest: GuestHandle, cause: BulkheadError): void {
    for (const run of this.#runs.values()) if (run.guest === guest) run.abandon(cause)
  }

  end(why: BulkheadError): void {
    if (this.#dead !== undefined) return
    const fault = isFault(why)
    const cause = fault ? this.#withSuspects(why) : why
    this.#dead = cause
    this.#deadlines[Symbol.dispose]()
    this.#ended = this.#compartment.terminate()
    this.#ended.catch(() => undefined)
    this.#dying.reject(cause)
    for (const done of this.#unwinding) done()
    for (const run of this.#runs.values()) {
      // Whether it runs again is decided here: no host call of it may begin after that.
      run.over = true
      if (fault) run.fail(cause)
      else if (run.hostCalls === 0) run.fail(new RunAgain())
      else {
        run.fail(
          new BulkheadError('call.interrupted', 'the compartment was ended for another call that ran past its limits'),
        )
      }
    }
  }

  /** Of itself, or of what it said. When nothing is under way, no call tells of it. */
  #die(error: BulkheadError): void {
    if (this.#dead !== undefined) return
    const isIdle = this.#runs.size === 0 && this.#loads.size === 0
    this.end(error)
    if (!isIdle) return
    const suspects = this.#guests.size
    for (const guest of this.#guests.values()) {
      guest.died?.(new BulkheadError(error.code, error.message, { details: { ...error.details, suspects } }))
    }
  }

  /** Says how many plugins had something under way here: each of them may have caused the end. */
  #withSuspects(fault: BulkheadError): BulkheadError {
    const guests = new Set([...this.#runs.values()].map((run) => run.guest.id))
    const suspects = guests.size + this.#loads.size
    const { code, message, hint } = fault
    return new BulkheadError(code, message, { hint, details: { ...fault.details, suspects }, cause: fault })
  }

  async ended(): Promise<void> {
    await this.#ended
  }

  /** Ends the compartment, the last resort, unless the cancelled call is off the thread in time. */
  #endSoon(outgoing: OutgoingCall, error: BulkheadError, run?: Run): void {
    outgoing.cancel()
    void this.#endUnlessAnswered(outgoing, error, { patienceMs: graceMs, run })
  }

  /** Settles when the answer is there, or the compartment has ended. */
  #endUnlessAnswered(
    outgoing: OutgoingCall,
    error: BulkheadError,
    { patienceMs, run }: { readonly patienceMs: number; readonly run?: Run | undefined },
  ): Promise<void> {
    const over = Promise.withResolvers<void>()
    let stepsLeft = graceSteps
    let pulse = this.#compartment.pulse
    const sinceMs = performance.now()
    const done = (): void => {
      clearInterval(grace)
      this.#unwinding.delete(done)
      over.resolve()
    }
    const grace = setInterval(() => {
      // A thread that turns is not stuck: it has much to do, and comes to this one. Nor is one that compiles.
      const { pulse: latest } = this.#compartment
      const waitedMs = performance.now() - sinceMs
      const isAtIt = latest !== pulse && waitedMs < longestGraceMs
      if (isAtIt || (this.#loads.size > 0 && waitedMs < loadingGraceMs)) stepsLeft = graceSteps
      pulse = latest
      if (--stepsLeft > 0) return
      run?.fail(error)
      outgoing.forget()
      done()
      this.end(new BulkheadError('call.interrupted', `the compartment was ended: ${error.message}`))
    }, patienceMs / graceSteps)
    this.#unwinding.add(done)
    outgoing.answer.finally(done).catch(() => undefined)
    return over.promise
  }

  #log(id: number, level: LogLevel, message: string): void {
    const run = this.#runs.get(id)
    const log = this.#loads.get(id)
    if (run !== undefined && !run.over) run.log(level, message)
    else if (log !== undefined) log(level, message)
    else this.#peer.noteUnasked()
  }

  #hold(by: 1 | -1): void {
    this.#holds += by
    if (this.#dead === undefined && this.#holds === (by === 1 ? 1 : 0)) this.#compartment.hold(by === 1)
  }
}

/** Whether the compartment itself failed, could not be made, or is closed: what ran on it then does not run again. */
const isFault = ({ code }: BulkheadError): boolean => /^(?:plugin|host|sandbox)\./.test(code)
