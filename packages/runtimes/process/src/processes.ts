// The processes of one plugin. With fresh state for each call, a call has a process of its own; with isolation `per-plugin`
// one is kept for each security context, and serves one call at a time. One that is gone is started again by the next call.

import {
  asBulkheadError,
  boundLog,
  BulkheadError,
  type CompartmentCare,
  contextKey,
  type Deadlines,
  makeTurnQueue,
  packPayload,
  type RuntimeCall,
  type RuntimeResult,
  type RuntimeUsage,
  unpackPayload,
  type WireValue,
} from '@bulkhead/kernel'
import { KeptProcess } from './kept-process.ts'
import type { ProcessSpec } from './process-spec.ts'
import { type ProcessStart, RunningProcess } from './running-process.ts'

/** Processes that are kept for contexts; the one used longest ago goes first. */
const mostKept = 8
/** Of those that were kept, how many may be on their way out before another one starts. */
const mostLeaving = 8
/** Most calls that wait for their turn, as for every other tier. */
const mostWaiting = 1000

/** How the processes of a plugin live. */
export interface ProcessesOptions {
  /** Whether they are kept between calls. */
  readonly keepsState: boolean
  readonly care: CompartmentCare
  readonly deadlines: Deadlines
}

/** See the file's head. */
export class Processes implements AsyncDisposable {
  readonly #spec: ProcessSpec
  readonly #options: ProcessesOptions
  readonly #turns: ReturnType<typeof makeTurnQueue>
  readonly #contextTurns = makeTurnQueue(1)
  /** By security context, in order of use. */
  readonly #kept = new Map<string, KeptProcess>()
  readonly #running = new Set<RunningProcess>()
  readonly #leaving = new Set<Promise<void>>()
  #waiting = 0
  #closed = false

  constructor(spec: ProcessSpec, options: ProcessesOptions) {
    this.#spec = spec
    this.#options = options
    this.#turns = makeTurnQueue(spec.limits.concurrency)
  }

  /** Runs one call. @throws BulkheadError `limit.*`, `call.*`, `plugin.*`, `output.*`, `protocol.*`, `sandbox.*`, `host.closed` */
  async call(request: RuntimeCall): Promise<RuntimeResult> {
    const { signal } = request.context
    if (!this.#options.keepsState) {
      using _turn = await this.#wait(() => this.#turns.take('', signal))
      return await this.#callOnFresh(request).catch(tellFirst(request))
    }
    const key = contextKey(request.context)
    // The context's own turn comes first: who waits for its process takes no turn from other contexts meanwhile.
    using _contextTurn = await this.#wait(() => this.#contextTurns.take(key, signal))
    using _turn = await this.#wait(() => this.#turns.take('', signal))
    return await this.#callOnKept(key, request).catch(tellFirst(request))
  }

  async #callOnFresh(request: RuntimeCall): Promise<RuntimeResult> {
    await this.#admit(request)
    await using process = await this.#start({ call: request })
    return await this.#callOn(process, request)
  }

  async #callOnKept(key: string, request: RuntimeCall): Promise<RuntimeResult> {
    const kept = await this.#keptFor(key, request)
    try {
      const { process, generation } = kept
      return await this.#callOn(process, request, { generation })
    } finally {
      kept.release()
    }
  }

  async #wait(turn: () => Promise<Disposable>): Promise<Disposable> {
    if (this.#waiting >= mostWaiting) {
      throw new BulkheadError('limit.concurrency', `${mostWaiting} calls wait for ${this.#spec.name} already`)
    }
    this.#waiting++
    try {
      return await turn()
    } finally {
      this.#waiting--
    }
  }

  /** What a process says that it offers. */
  async listActions(signal: AbortSignal | undefined): ReturnType<RunningProcess['listActions']> {
    await using process = await this.#start({ signal })
    return await process.listActions()
  }

  /** Whether a process starts, shakes hands and says that it is there. @throws BulkheadError as {@link call} */
  async check(signal: AbortSignal | undefined): Promise<void> {
    await using process = await this.#start({ signal })
    await process.check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#kept.clear()
    await Promise.all([...this.#running].map((process) => process[Symbol.asyncDispose]()))
  }

  /** The context's process, held for a call: release it. */
  async #keptFor(key: string, request: RuntimeCall): Promise<KeptProcess> {
    const known = this.#kept.get(key)
    this.#kept.delete(key)
    const kept = known !== undefined && (await known.hold()) ? known : await this.#startKept(key, request)
    request.begun?.()
    this.#kept.set(key, kept)
    for (const [other, idle] of this.#kept) {
      if (this.#kept.size <= mostKept) break
      if (!idle.isHeld) this.#rest(other, idle)
    }
    return kept
  }

  async #startKept(key: string, request: RuntimeCall): Promise<KeptProcess> {
    const { care, deadlines } = this.#options
    // A program that takes its time to end, and users who come and go, must not add up.
    while (this.#leaving.size >= mostLeaving) await Promise.race(this.#leaving)
    await this.#admit(request)
    const generation = care.started()
    const kept: KeptProcess = new KeptProcess(await this.#start({ call: request, isPatient: true }), {
      care,
      generation,
      deadlines,
      idle: () => this.#rest(key, kept),
      over: () => {
        if (this.#kept.get(key) === kept) this.#kept.delete(key)
      },
    })
    await kept.hold()
    return kept
  }

  /** Meanwhile others may have crashed that waited for the same turn. */
  async #admit(request: RuntimeCall): Promise<void> {
    const { signal, deadlineMs } = request.context
    await this.#options.care.admit(signal, deadlineMs - performance.now())
    request.begun?.()
  }

  /** Stops one that nobody needs; the next call of its context starts another. */
  #rest(key: string, kept: KeptProcess): void {
    this.#kept.delete(key)
    const leaving = kept.process[Symbol.asyncDispose]().finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
    this.#options.care.rested(kept.generation)
  }

  async #start(how: ProcessStart): Promise<RunningProcess> {
    if (this.#closed) throw new BulkheadError('host.closed', `${this.#spec.name} was unloaded`)
    const process = await RunningProcess.start(this.#spec, how).catch((cause: unknown) => {
      // The files go with the plugin, so a start that is under way then fails in some way or other.
      if (!this.#closed) throw cause
      throw new BulkheadError('plugin.crashed', `${this.#spec.name} was unloaded`, { cause })
    })
    this.#running.add(process)
    void process.gone.then(() => this.#running.delete(process))
    if (this.#closed) await process[Symbol.asyncDispose]()
    return process
  }

  async #callOn(
    process: RunningProcess,
    request: RuntimeCall,
    details?: { readonly generation: number },
  ): Promise<RuntimeResult> {
    process.beginNetwork(request)
    try {
      return await this.#answerOf(process, request, details)
    } finally {
      process.endNetwork()
    }
  }

  async #answerOf(
    process: RunningProcess,
    request: RuntimeCall,
    details?: { readonly generation: number },
  ): Promise<RuntimeResult> {
    const { action, context, dispatch, input, output } = request
    // A process that serves this call alone has used its time for it from the start.
    const cpuBefore = details === undefined ? 0 : process.usedCpu
    const leftMs = Math.max(1, context.deadlineMs - performance.now())
    const used = (): RuntimeUsage => {
      const { memoryBytes, cpuSeconds } = process.usage
      return {
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(cpuSeconds === undefined ? {} : { cpuMs: Math.max(0, cpuSeconds - cpuBefore) * 1000 }),
      }
    }
    const call = {
      callId: context.callId,
      action,
      input: input.kind === 'raw' ? input.bytes : unpackPayload(input.payload, 'the input'),
      // Where the context has a lifetime, whoever made it ends the call: the deadline moves while a person is asked.
      timeoutMs: context.lifetime === undefined ? leftMs : Number.POSITIVE_INFINITY,
      toldMs: leftMs,
      signal: context.signal,
      dispatch,
      log: boundLog((level, message) => request.log(level, message)),
    } satisfies Parameters<RunningProcess['call']>[0]
    try {
      return { output: outputOf(await process.call(call, details), output, this.#spec), ...used() }
    } catch (cause) {
      request.report?.(used())
      if (!this.#closed) throw cause
      throw new BulkheadError('plugin.crashed', `${this.#spec.name} was unloaded`, { cause })
    }
  }
}

/** Whoever has the next turn is to know what became of this one. */
const tellFirst =
  (request: RuntimeCall) =>
  (thrown: unknown): never => {
    request.failing?.(asBulkheadError(thrown))
    throw thrown
  }

const outputOf = (given: WireValue, kind: 'value' | 'raw', { name, limits }: ProcessSpec): RuntimeResult['output'] => {
  if (kind === 'value') {
    const payload = packPayload(given)
    checkLength(payload.json.length + (payload.blobs ?? []).reduce((sum, blob) => sum + blob.length, 0), limits)
    return { kind, payload }
  }
  if (given instanceof Uint8Array) {
    checkLength(given.length, limits)
    return { kind, bytes: given }
  }
  throw new BulkheadError('output.invalid', `${name} was asked for bytes and returned something else`, {
    hint: 'Ask for a value, or let the action return a byte string.',
  })
}

const checkLength = (length: number, { outputBytes }: ProcessSpec['limits']): void => {
  if (length <= outputBytes) return
  throw new BulkheadError('limit.output', `the output is ${length} bytes; at most ${outputBytes} are taken`)
}
