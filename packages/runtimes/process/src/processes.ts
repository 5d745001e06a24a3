// The processes of one plugin. With fresh state for each call, a call has a process of its own; with isolation `per-plugin`
// one is kept for each security context, and serves one call at a time. One that is gone is started again by the next call.

import { contextKey } from '@bulkhead/cell'
import {
  BulkheadError,
  makeTurnQueue,
  packPayload,
  type RuntimeCall,
  type RuntimeResult,
  unpackPayload,
  type WireValue,
} from '@bulkhead/kernel'
import type { ProcessSpec } from './process-spec.ts'
import { RunningProcess } from './running-process.ts'

/** Processes that are kept for contexts; the one used longest ago goes first. */
const mostKept = 8
/** Most calls that wait for their turn, as for every other tier. */
const mostWaiting = 1000

/** See the file's head. */
export class Processes implements AsyncDisposable {
  readonly #spec: ProcessSpec
  readonly #keepsState: boolean
  readonly #turns: ReturnType<typeof makeTurnQueue>
  readonly #contextTurns = makeTurnQueue(1)
  /** By security context, in order of use. */
  readonly #kept = new Map<string, RunningProcess>()
  readonly #running = new Set<RunningProcess>()
  #waiting = 0
  #closed = false

  constructor(spec: ProcessSpec, { keepsState }: { readonly keepsState: boolean }) {
    this.#spec = spec
    this.#keepsState = keepsState
    this.#turns = makeTurnQueue(spec.limits.concurrency)
  }

  /** Runs one call. @throws BulkheadError `limit.*`, `call.*`, `plugin.*`, `output.*`, `protocol.*`, `sandbox.*`, `host.closed` */
  async call(request: RuntimeCall): Promise<RuntimeResult> {
    const { signal } = request.context
    using _turn = await this.#turn(signal)
    if (!this.#keepsState) {
      await using process = await this.#start(request)
      return await this.#callOn(process, request)
    }
    const key = contextKey(request.context)
    using _contextTurn = await this.#contextTurns.take(key, signal)
    return await this.#callOn(await this.#keptFor(key, request), request)
  }

  async #turn(signal: AbortSignal): Promise<Disposable> {
    if (this.#waiting >= mostWaiting) {
      throw new BulkheadError('limit.concurrency', `${mostWaiting} calls wait for ${this.#spec.name} already`)
    }
    this.#waiting++
    try {
      return await this.#turns.take('', signal)
    } finally {
      this.#waiting--
    }
  }

  /** What a process says that it offers. */
  async listActions(signal: AbortSignal | undefined): ReturnType<RunningProcess['listActions']> {
    await using process = await this.#start(undefined, signal)
    return await process.listActions()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#kept.clear()
    await Promise.all([...this.#running].map((process) => process[Symbol.asyncDispose]()))
  }

  async #keptFor(key: string, request: RuntimeCall): Promise<RunningProcess> {
    const known = this.#kept.get(key)
    this.#kept.delete(key)
    const process = known !== undefined && (await known.isReady()) ? known : await this.#start(request)
    this.#kept.set(key, process)
    for (const [other, idle] of this.#kept) {
      if (this.#kept.size <= mostKept) break
      if (other === key || idle.isBusy) continue
      this.#kept.delete(other)
      void idle[Symbol.asyncDispose]()
    }
    return process
  }

  async #start(
    call: RuntimeCall | undefined,
    signal: AbortSignal | undefined = call?.context.signal,
  ): Promise<RunningProcess> {
    if (this.#closed) throw new BulkheadError('host.closed', `${this.#spec.name} was unloaded`)
    const process = await RunningProcess.start(this.#spec, signal, call).catch((cause: unknown) => {
      // The files go with the plugin, so a start that is under way then fails in some way or other.
      if (!this.#closed) throw cause
      throw new BulkheadError('plugin.crashed', `${this.#spec.name} was unloaded`, { cause })
    })
    this.#running.add(process)
    void process.gone.then(() => this.#running.delete(process))
    if (this.#closed) await process[Symbol.asyncDispose]()
    return process
  }

  async #callOn(process: RunningProcess, request: RuntimeCall): Promise<RuntimeResult> {
    process.beginNetwork(request)
    try {
      return await this.#answerOf(process, request)
    } finally {
      process.endNetwork()
    }
  }

  async #answerOf(process: RunningProcess, request: RuntimeCall): Promise<RuntimeResult> {
    const { action, context, dispatch, input, output } = request
    const cpuBefore = process.usedCpu
    const leftMs = Math.max(1, context.deadlineMs - performance.now())
    const given = await process
      .call({
        callId: context.callId,
        action,
        input: input.kind === 'raw' ? input.bytes : unpackPayload(input.payload, 'the input'),
        // Where the context has a lifetime, whoever made it ends the call: the deadline moves while a person is asked.
        timeoutMs: context.lifetime === undefined ? leftMs : Number.POSITIVE_INFINITY,
        toldMs: leftMs,
        signal: context.signal,
        dispatch,
        log: (level, message) => request.log(level, message),
      })
      .catch((cause: unknown) => {
        if (!this.#closed) throw cause
        throw new BulkheadError('plugin.crashed', `${this.#spec.name} was unloaded`, { cause })
      })
    const { memoryBytes, cpuSeconds } = process.usage
    return {
      output: outputOf(given, output, this.#spec),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(cpuSeconds === undefined ? {} : { cpuMs: (cpuSeconds - cpuBefore) * 1000 }),
    }
  }
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
