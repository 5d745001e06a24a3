// One process of a plugin, from its start to its end: confined, spoken to over its standard streams, and ended when it does
// not come back from a call that is over.

import { asBulkheadError, BulkheadError, type CallContext, type ErrorCode, type WireValue } from '@bulkhead/kernel'
import type { ProcessActionCall } from '@bulkhead/protocols'
import type { Confined, ConfinedExit, ResourceUsage } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import { prepareSpeaker } from './prepare-speaker.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { Speaker } from './speaker.ts'
import { startProgram } from './start-program.ts'

/** For the program to start and shake hands, ms. */
const startTimeoutMs = 10_000
/** For a program whose call is over to say that it is still there, ms. */
const pingTimeoutMs = 1000
/** For a program that closed its output to end, ms. */
const goneTimeoutMs = 500
/** For a program to finish when it is asked to, ms. */
const shutdownTimeoutMs = 500
/** How much one process may log outside of its calls, characters. */
const mostLogText = 1024 * 1024
let open = 0

/** Processes of this kind that run now. */
export const openProcesses = (): number => open

/** See the file's head. */
export class RunningProcess implements AsyncDisposable {
  readonly #confined: Confined
  readonly #spec: ProcessSpec
  readonly #plugin: Speaker
  #isOver = false
  #calls = 0
  /** A look at whether it is still there, after a call that it did not come back from. */
  #look: Promise<void> | undefined
  /** Settles when no process of the tree is left. */
  readonly gone: Promise<unknown>

  private constructor(spec: ProcessSpec, confined: Confined, plugin: Speaker) {
    this.#spec = spec
    this.#confined = confined
    this.#plugin = plugin
    open++
    this.gone = confined.exited.then(() => {
      open--
      this.#isOver = true
    })
    void plugin.closed.then(() => this.#endUnlessGone())
  }

  /**
   * Starts one for calls of that context, which decides what it sees; without a context for none.
   * @throws BulkheadError `sandbox.*`, `artifact.changed`, `protocol.*`, `plugin.crashed`, `limit.time`
   */
  static async start(spec: ProcessSpec, signal?: AbortSignal, context?: CallContext): Promise<RunningProcess> {
    const log = boundedLog(spec)
    const timing = { timeoutMs: startTimeoutMs, signal }
    const prepared = await prepareSpeaker({ ...spec, ...timing, maxOutputBytes: spec.limits.outputBytes, log })
    const confined = await startProgram(spec, context, prepared.environment)
    try {
      const plugin = await prepared.open(confined)
      return new RunningProcess(spec, confined, spec.adapt?.(plugin) ?? plugin)
    } catch (thrown) {
      const exit = await confined.end()
      // The call ended while its program started: that is no fault of the program's.
      if (signal?.aborted === true) throw asBulkheadError(signal.reason)
      throw exit.reason === 'ended' ? thrown : exitError(spec, exit, thrown)
    }
  }

  /** Whether it can take a call; waits until that is known. */
  async isReady(): Promise<boolean> {
    await this.#look
    return !this.#isOver
  }

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#calls > 0
  }

  /** @throws BulkheadError as {@link call} */
  async listActions(): ReturnType<Speaker['listActions']> {
    try {
      return await this.#plugin.listActions(startTimeoutMs)
    } catch (thrown) {
      throw await this.#reasonOf(asBulkheadError(thrown))
    }
  }

  /** Memory and processor time of the whole tree, where that is known. */
  get usage(): ResourceUsage {
    return this.#confined.usage()
  }

  /** Seconds of processor time of the whole tree since its start. */
  get usedCpu(): number {
    return this.#confined.usedCpu()
  }

  /** @throws BulkheadError `plugin.*`, `limit.*`, `call.*`, `output.*`, `protocol.*` */
  async call(call: ProcessActionCall): Promise<WireValue> {
    this.#calls++
    using _cpu = this.#confined.limitCpu(this.#spec.limits.cpuMs / 1000)
    try {
      return await this.#plugin.call(call)
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      if (this.#spec.endsOnFailure === true && error.code !== 'plugin.crashed') this.#look = this.#end()
      else if (call.signal?.aborted === true || error.code === 'limit.time') this.#look = this.#endUnlessAlive()
      throw await this.#reasonOf(error)
    } finally {
      this.#calls--
    }
  }

  /** Of a connection that broke, why the process ended. */
  async #reasonOf(error: BulkheadError): Promise<BulkheadError> {
    return error.code === 'plugin.crashed' ? exitError(this.#spec, await this.#confined.exited, error) : error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.#plugin.shutdown(shutdownTimeoutMs)
    await this.#end()
  }

  /** A program that is busy with a call that nobody waits for any more would keep its core for ever. */
  async #endUnlessAlive(): Promise<void> {
    try {
      await this.#plugin.ping(pingTimeoutMs)
    } catch {
      await this.#end()
    }
  }

  /** Its output is closed: most often it ended, and how is known in a moment. */
  async #endUnlessGone(): Promise<void> {
    this.#isOver = true
    const patience = Promise.withResolvers<void>()
    const timer = clock.after(goneTimeoutMs, patience.resolve)
    await Promise.race([this.gone, patience.promise])
    timer[Symbol.dispose]()
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#isOver = true
    this.#plugin[Symbol.dispose]()
    await this.#confined.end()
  }
}

const overLimit: Readonly<Partial<Record<ConfinedExit['reason'], readonly [ErrorCode, string]>>> = {
  memory: ['limit.memory', 'memory'],
  cpu: ['limit.cpu', 'CPU time'],
  'file-size': ['limit.file-size', 'bytes in one file'],
}

const exitError = (
  { name, program }: ProcessSpec,
  { reason, code }: Pick<ConfinedExit, 'reason' | 'code'>,
  cause: unknown,
): BulkheadError => {
  const isOutOfMemory = code !== null && code === program.outOfMemoryCode
  const [limit, what] = overLimit[isOutOfMemory ? 'memory' : reason] ?? []
  if (limit !== undefined) return new BulkheadError(limit, `${name} used more ${what} than its limit`, { cause })
  const how = code === null ? 'was killed' : `ended with code ${code}`
  return new BulkheadError('plugin.crashed', `the process of ${name} ${how}`, { cause })
}

/** Lines outside of any call, up to a limit; what comes after it is read and dropped. */
const boundedLog = ({ log }: ProcessSpec): ProcessSpec['log'] => {
  let left = mostLogText
  return (level, message) => {
    if (left <= 0) return
    left -= message.length + 1
    log(level, message)
    if (left <= 0)
      log('warn', `the plugin logged more than ${mostLogText} characters outside of its calls; the rest is dropped`)
  }
}
