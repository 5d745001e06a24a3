// One life of a cell program, seen from the host: it is loaded, runs calls, and dies once. What belongs to a dead
// generation never reaches a caller. The cell (cell.ts) starts the next one.

import type { ActionSpec, HostReply, LogLevel, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, errorFromWire } from '@bulkhead/kernel/wire'
import { artifactToContent } from './artifact.ts'
import { watchCallEnd } from './call-end.ts'
import { type Compartment, openCompartment } from './compartment.ts'
import type { CellArtifact } from './driver.ts'
import { HostCallLine } from './host-call-line.ts'
import { boundLog, type Log } from './log-budget.ts'
import { type Answer, type GivenAnswer, type IncomingCall, Peer } from './peer.ts'

/** What a generation is started with. */
export interface GenerationOptions {
  readonly boundary: 'inline' | 'thread'
  readonly driverUrl: URL
  readonly artifact: CellArtifact
  /** Wall time for starting, compiling and whatever of the guest runs before the first call. */
  readonly loadTimeoutMs: number
  log(level: LogLevel, message: string): void
}

/** How long a cancelled call may take to unwind before its compartment is ended. */
export const graceMs = 50

/** Most bytes of one message from a cell, whatever the limits say. */
const leastContentCap = 64 * 1024 * 1024

/** Thrown to the cell when the generation died under a call that had done nothing yet and can simply run again. */
export class RunAgain extends Error {}

interface Run {
  readonly request: RuntimeCall
  readonly log: Log
  readonly line: HostCallLine
  hostCalls: number
  over: boolean
  readonly fail: (error: Error) => void
}

/** See the file's head. */
export class Generation {
  readonly actions: Promise<Readonly<Record<string, ActionSpec>>>
  readonly #compartment: Compartment
  readonly #peer: Peer
  readonly #options: GenerationOptions
  readonly #runs = new Map<number, Run>()
  readonly #dying = Promise.withResolvers<never>()
  #dead: BulkheadError | undefined
  #ended: Promise<void> = Promise.resolve()
  #holds = 0
  /** Bounded here as well: a cell that a guest took over keeps no bounds. */
  #outside: Log

  constructor(options: GenerationOptions) {
    this.#options = options
    this.#outside = boundLog(options.log)
    this.#dying.promise.catch(() => undefined)
    this.#compartment = openCompartment(options.boundary, options.artifact.name)
    this.#compartment.onDeath((error) => this.end(error))
    this.#peer = new Peer(this.#compartment.channel, {
      maxContentBytes: Math.max(leastContentCap, options.artifact.limits.outputBytes),
      malformed: (error) => this.end(new BulkheadError('plugin.crashed', error.message, { cause: error })),
      log: (id, level, message) => this.#log(id, level, message),
      call: (call) => this.#hostCall(call),
    })
    this.actions = this.#load()
    this.actions.catch(() => undefined)
  }

  /** Why it is dead; undefined while it lives. */
  get dead(): BulkheadError | undefined {
    return this.#dead
  }

  /** Runs one call. @throws BulkheadError, or {@link RunAgain} */
  async run(request: RuntimeCall, contextKey: string): Promise<RuntimeResult> {
    if (this.#dead !== undefined) throw new RunAgain()
    const { context } = request
    const outgoing = this.#peer.call(
      { op: 'run', callId: context.callId, action: request.action, output: request.output, contextKey },
      request.input,
    )
    const failure = Promise.withResolvers<never>()
    const log = boundLog((level, message) => request.log(level, message))
    const line = new HostCallLine()
    const run: Run = { request, log, line, hostCalls: 0, over: false, fail: failure.reject }
    this.#outside = boundLog(this.#options.log)
    this.#runs.set(outgoing.id, run)
    this.#hold(1)
    let ended: BulkheadError | undefined
    let grace: NodeJS.Timeout | undefined
    const watch = watchCallEnd(context, `${this.#options.artifact.name} ${request.action}`, (error) => {
      ended = error
      run.over = true
      outgoing.cancel()
      grace = setTimeout(() => {
        run.fail(error)
        this.end(error)
      }, graceMs)
    })
    try {
      const answer = await Promise.race([outgoing.answer, failure.promise])
      if (ended !== undefined) throw ended
      return resultOf(answer, request)
    } catch (thrown) {
      throw ended ?? thrown
    } finally {
      run.over = true
      clearTimeout(grace)
      watch[Symbol.dispose]()
      outgoing.forget()
      this.#runs.delete(outgoing.id)
      this.#hold(-1)
    }
  }

  /**
   * Ends it. Calls in flight that made no host call yet run again elsewhere when `cause` is another call's end
   * (`limit.*`, `call.*`); when the compartment crashed or is closed, all of them fail with `cause`.
   */
  end(cause: BulkheadError): void {
    if (this.#dead !== undefined) return
    this.#dead = cause
    this.#ended = this.#compartment.terminate()
    this.#ended.catch(() => undefined)
    this.#dying.reject(cause)
    const fault = cause.code.startsWith('plugin.') || cause.code.startsWith('host.')
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

  /** Settles when the thread is gone. */
  async ended(): Promise<void> {
    await this.#ended
  }

  async #load(): Promise<Readonly<Record<string, ActionSpec>>> {
    const { artifact, driverUrl, loadTimeoutMs } = this.#options
    this.#hold(1)
    const timer = setTimeout(() => {
      this.end(new BulkheadError('limit.time', `loading ${artifact.name} took more than ${loadTimeoutMs} ms`))
    }, loadTimeoutMs)
    timer.unref()
    const outgoing = this.#peer.call({ op: 'load', driver: driverUrl.href }, artifactToContent(artifact))
    try {
      const { content } = await Promise.race([outgoing.answer, this.#dying.promise])
      if (content.kind !== 'value') throw new BulkheadError('host.internal', 'the cell answered with raw bytes')
      return JSON.parse(content.payload.json) as Record<string, ActionSpec>
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      this.end(error)
      throw error
    } finally {
      clearTimeout(timer)
      this.#hold(-1)
    }
  }

  async #hostCall(call: IncomingCall): Promise<GivenAnswer> {
    const { head, content } = call
    const run = head.op === 'host' && typeof head.run === 'number' ? this.#runs.get(head.run) : undefined
    if (run === undefined || run.over) throw new BulkheadError('call.cancelled', 'the call is over')
    if (content.kind !== 'value' || typeof head.name !== 'string') {
      throw new BulkheadError('host.internal', 'a host call is malformed')
    }
    run.hostCalls++
    await run.line.enter()
    let reply: HostReply
    try {
      if (isOver(run)) throw new BulkheadError('call.cancelled', 'the call is over')
      reply = await run.request.dispatch(head.name, content.payload)
      if (!reply.ok) throw errorFromWire(reply.error)
    } catch (thrown) {
      run.line.leave()
      throw thrown
    }
    return { head: {}, content: { kind: 'value', payload: reply.payload }, taken: () => run.line.leave() }
  }

  #log(id: number, level: LogLevel, message: string): void {
    if (id === 0) {
      if (this.#dead === undefined) this.#outside(level, message)
      return
    }
    const run = this.#runs.get(id)
    if (run !== undefined && !run.over) run.log(level, message)
  }

  #hold(by: 1 | -1): void {
    this.#holds += by
    if (this.#dead === undefined) this.#compartment.hold(this.#holds > 0)
  }
}

/** Asked anew after a wait. */
const isOver = (run: Run): boolean => run.over

const resultOf = (answer: Answer, request: RuntimeCall): RuntimeResult => {
  const { content, head } = answer
  const bytes =
    content.kind === 'raw'
      ? content.bytes.length
      : (content.payload.blobs ?? []).reduce((sum, blob) => sum + blob.length, content.payload.json.length)
  const most = request.context.limits.outputBytes
  if (bytes > most) throw new BulkheadError('limit.output', `the output is ${bytes} bytes; at most ${most} are taken`)
  return {
    output: content,
    ...(typeof head.memoryBytes === 'number' ? { memoryBytes: head.memoryBytes } : {}),
    ...(typeof head.cpuMs === 'number' ? { cpuMs: head.cpuMs } : {}),
  }
}
