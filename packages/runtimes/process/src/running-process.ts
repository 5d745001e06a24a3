// One process of a plugin, from its start to its end: confined, spoken to over its standard streams, and ended when it does
// not come back from a call that is over.

import { asBulkheadError, BulkheadError, type ErrorCode, type WireValue } from '@bulkhead/kernel'
import type { ProcessActionCall } from '@bulkhead/protocols'
import type { Confined, ConfinedExit, ResourceUsage } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import { type NetworkCall, openNetwork, type ProcessNetwork } from './network.ts'
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
  readonly #name: string
  /** Of one call. */
  readonly #cpuSeconds: number
  readonly #plugin: Speaker
  readonly #network: ProcessNetwork | undefined
  #isOver = false
  #calls = 0
  /** A look at whether it is still there, after a call that it did not come back from. */
  #look: Promise<void> | undefined
  /** Settles when no process of the tree is left. */
  readonly gone: Promise<unknown>

  private constructor({ name, limits }: ProcessSpec, confined: Confined, { plugin, network }: ProcessParts) {
    this.#name = name
    this.#network = network
    this.#cpuSeconds = limits.cpuMs / 1000
    this.#confined = confined
    this.#plugin = plugin
    open++
    this.gone = confined.exited.then(() => {
      open--
      this.#isOver = true
      network?.[Symbol.dispose]()
    })
    void plugin.closed.then(() => this.#endUnlessGone())
  }

  /**
   * Starts one for calls of the context of that call, which decides what it sees, and by which it reaches the network while it
   * starts; without a call for none.
   * @throws BulkheadError `sandbox.*`, `artifact.changed`, `protocol.*`, `plugin.crashed`, `limit.time`
   */
  static async start(spec: ProcessSpec, signal?: AbortSignal, call?: NetworkCall): Promise<RunningProcess> {
    const log = boundedLog(spec)
    const timing = { timeoutMs: startTimeoutMs, signal }
    const prepared = await prepareSpeaker({ ...spec, ...timing, maxOutputBytes: spec.limits.outputBytes, log })
    const network = spec.egress === undefined ? undefined : openNetwork(spec.egress, { ...spec, log })
    if (call !== undefined) network?.begin(call)
    const confined = await startProgram(spec, call?.context, { needs: prepared, network }).catch((cause: unknown) => {
      network?.[Symbol.dispose]()
      throw cause
    })
    try {
      return new RunningProcess(spec, confined, { plugin: await prepared.open(confined), network })
    } catch (thrown) {
      network?.[Symbol.dispose]()
      const exit = await confined.end()
      // The call ended while its program started: that is no fault of the program's.
      if (signal?.aborted === true) throw asBulkheadError(signal.reason)
      throw exit.reason === 'ended' ? thrown : exitError(spec.name, exit, thrown)
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

  /** Opens the network for a call, until {@link endNetwork}: a process serves one call at a time. */
  beginNetwork(call: NetworkCall): void {
    this.#network?.begin(call)
  }

  /** Closes every connection. */
  endNetwork(): void {
    this.#network?.end()
  }

  listActions(): ReturnType<Speaker['listActions']> {
    return this.#plugin.listActions(startTimeoutMs)
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
    using _cpu = this.#confined.limitCpu(this.#cpuSeconds)
    try {
      return await this.#plugin.call(call)
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      if (call.signal?.aborted === true || error.code === 'limit.time') this.#look = this.#endUnlessAlive()
      if (error.code !== 'plugin.crashed') throw error
      throw exitError(this.#name, await this.#confined.exited, error)
    } finally {
      this.#calls--
    }
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

interface ProcessParts {
  readonly plugin: Speaker
  readonly network: ProcessNetwork | undefined
}

const overLimit: Readonly<Partial<Record<ConfinedExit['reason'], readonly [ErrorCode, string]>>> = {
  memory: ['limit.memory', 'memory'],
  cpu: ['limit.cpu', 'CPU time'],
  'file-size': ['limit.file-size', 'bytes in one file'],
}

const exitError = (
  name: string,
  { reason, code }: Pick<ConfinedExit, 'reason' | 'code'>,
  cause: unknown,
): BulkheadError => {
  const [limit, what] = overLimit[reason] ?? []
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
