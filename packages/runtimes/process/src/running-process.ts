// One process of a plugin, from its start to its end: confined, spoken to over its standard streams, ended when it does not
// come back from a call that is over, and stopped by the gentlest way that works.

import { asBulkheadError, boundLog, BulkheadError, type BulkheadErrorOptions, type WireValue } from '@bulkhead/kernel'
import type { ProcessActionCall } from '@bulkhead/protocols'
import type { Confined, ConfinedExit, ResourceUsage } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import { exitError } from './exit-error.ts'
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
/** For a program that served its one call to answer that it was told, ms. */
const hastyTimeoutMs = 500

let open = 0

/** Processes of this kind that run now. */
export const openProcesses = (): number => open

/** What one process is started with. */
export interface ProcessStart {
  /**
   * The call that it starts for: its context decides what it sees, and by it it reaches the network while it starts. Absent: for
   * none.
   */
  readonly call?: NetworkCall
  /** Of the call when absent. */
  readonly signal?: AbortSignal | undefined
  /** Whether its end may take its stages: one that served a single call has nothing left to finish, and is killed. */
  readonly isPatient?: boolean
}

/** See the file's head. */
export class RunningProcess implements AsyncDisposable {
  readonly name: string
  readonly #confined: Confined
  readonly #spec: ProcessSpec
  readonly #plugin: Speaker
  readonly #stageMs: number
  readonly #isPatient: boolean
  readonly #network: ProcessNetwork | undefined
  #isOver = false
  /** The host wants it to end. */
  #isUnwanted = false
  #isUnanswering = false
  #isToldByCall = false
  #calls = 0
  /** A look at whether it is still there, after a call that it did not come back from. */
  #look: Promise<unknown> | undefined
  /** Settles when no process of the tree is left. */
  readonly gone: Promise<ConfinedExit>

  private constructor(spec: ProcessSpec, parts: ProcessParts) {
    const { confined, plugin, network, isPatient } = parts
    this.name = spec.name
    this.#network = network
    this.#spec = spec
    this.#confined = confined
    this.#plugin = plugin
    this.#stageMs = spec.stageMs
    this.#isPatient = isPatient
    open++
    this.gone = confined.exited.then((exit) => {
      open--
      this.#isOver = true
      network?.[Symbol.dispose]()
      return exit
    })
    void plugin.closed.then(() => this.#endUnlessGone())
  }

  /** @throws BulkheadError `sandbox.*`, `artifact.changed`, `protocol.*`, `plugin.crashed`, `limit.time` */
  static async start(spec: ProcessSpec, how: ProcessStart): Promise<RunningProcess> {
    const { call, signal = call?.context.signal, isPatient = false } = how
    const log = boundLog((level, message) => spec.log(level, message), 'log lines outside of calls')
    const timing = { timeoutMs: startTimeoutMs, signal }
    const prepared = await prepareSpeaker({ ...spec, ...timing, maxOutputBytes: spec.limits.outputBytes, log })
    const network = spec.egress === undefined ? undefined : openNetwork(spec.egress, { ...spec, log })
    if (call !== undefined) network?.begin(call)
    const confined = await startProgram(spec, call?.context, { needs: prepared, network }).catch((cause: unknown) => {
      network?.[Symbol.dispose]()
      throw cause
    })
    try {
      const plugin = await prepared.open(confined)
      return new RunningProcess(spec, { confined, plugin: spec.adapt?.(plugin) ?? plugin, network, isPatient })
    } catch (thrown) {
      network?.[Symbol.dispose]()
      const exit = await endOf(confined, asBulkheadError(thrown))
      // The call ended while its program started: that is no fault of the program's.
      if (signal?.aborted === true) throw asBulkheadError(signal.reason)
      throw exit.reason === 'ended' ? thrown : exitError(spec, exit, { cause: thrown })
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

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether it went without the host's wish. */
  get hasEndedItself(): boolean {
    return this.#isOver && !this.#isUnwanted
  }

  /** Whether a call failed of its end, and says so to whoever made it. */
  get isToldByCall(): boolean {
    return this.#isToldByCall || this.isBusy
  }

  /** Whether it was ended because it did not say that it is there. */
  get isUnanswering(): boolean {
    return this.#isUnanswering
  }

  /** Opens the network for a call, until {@link endNetwork}: a process serves one call at a time. */
  beginNetwork(call: NetworkCall): void {
    this.#network?.begin(call)
  }

  /** Closes every connection. */
  endNetwork(): void {
    this.#network?.end()
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

  /** Ends it when it uses more processor time than a call may, until that is disposed. */
  limitCpu(): Disposable {
    return this.#confined.limitCpu(this.#spec.limits.cpuMs / 1000)
  }

  /** @throws BulkheadError `plugin.*`, `limit.*`, `call.*`, `output.*`, `protocol.*` */
  async call(call: ProcessActionCall, details?: BulkheadErrorOptions['details']): Promise<WireValue> {
    this.#calls++
    using _cpu = this.limitCpu()
    try {
      return await this.#plugin.call(call)
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      if (this.#spec.endsOnFailure === true && error.code !== 'plugin.crashed') this.#look = this.#kill()
      else if (call.signal?.aborted === true || error.code === 'limit.time')
        this.#look = this.endUnlessAlive(pingTimeoutMs)
      if (error.code === 'plugin.crashed' || error.code.startsWith('protocol.')) this.#isToldByCall = true
      throw await this.#reasonOf(error, details)
    } finally {
      this.#calls--
    }
  }

  /** What its end means for whoever waited for it. */
  errorOf(exit: ConfinedExit, options: Pick<BulkheadErrorOptions, 'cause' | 'details'>): BulkheadError {
    return exitError(this.#spec, exit, options)
  }

  /** Of a connection that broke, why the process ended. */
  async #reasonOf(error: BulkheadError, details?: BulkheadErrorOptions['details']): Promise<BulkheadError> {
    if (error.code !== 'plugin.crashed') return error
    const options = { cause: error, ...(details === undefined ? {} : { details }) }
    return this.errorOf(await this.#confined.exited, options)
  }

  /** @throws BulkheadError when it does not say within its time that it is there */
  async check(): Promise<void> {
    await this.#plugin.ping(startTimeoutMs)
  }

  /** A program that is busy with a call that nobody waits for any more would keep its core for ever. */
  async endUnlessAlive(timeoutMs: number): Promise<boolean> {
    try {
      await this.#plugin.ping(timeoutMs)
      return true
    } catch {
      if (!this.#isOver) this.#isUnanswering = true
      await this.#kill()
      return false
    }
  }

  /** Asks it to finish, then to end, then kills it: whatever is left of its tree goes with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isUnwanted = true
    if (this.#isPatient && !this.#isOver) await this.#stopByStages()
    else if (!this.#isOver) await this.#plugin.shutdown(Math.min(this.#stageMs, hastyTimeoutMs))
    await this.#kill()
  }

  async #stopByStages(): Promise<void> {
    const isAsked = await this.#plugin.shutdown(this.#stageMs)
    // Nobody waits any longer for what it might answer.
    if (this.isBusy) this.#plugin[Symbol.dispose]()
    if (isAsked !== false && (await this.#isGoneWithin(this.#stageMs))) return
    this.#confined.terminate()
    await this.#isGoneWithin(this.#stageMs)
  }

  async #isGoneWithin(ms: number): Promise<boolean> {
    const patience = Promise.withResolvers<false>()
    using _timer = clock.after(ms, () => patience.resolve(false))
    return await Promise.race([this.gone.then(() => true), patience.promise])
  }

  /** Its output is closed: most often it ended, and how is known in a moment. */
  async #endUnlessGone(): Promise<void> {
    this.#isOver = true
    if (this.#isUnwanted || (await this.#isGoneWithin(goneTimeoutMs))) return
    this.#plugin[Symbol.dispose]()
    await this.#confined.end()
  }

  async #kill(): Promise<void> {
    if (!this.#isOver) this.#isUnwanted = true
    this.#isOver = true
    this.#plugin[Symbol.dispose]()
    await this.#confined.end()
  }
}

/** Ends it. One that closed its output most often ended by itself, and how tells more than that it did. */
const endOf = async (confined: Confined, { code }: BulkheadError): Promise<ConfinedExit> => {
  if (code === 'plugin.crashed') {
    const patience = Promise.withResolvers<void>()
    using _timer = clock.after(goneTimeoutMs, patience.resolve)
    await Promise.race([confined.exited, patience.promise])
  }
  return await confined.end()
}

interface ProcessParts {
  readonly confined: Confined
  readonly plugin: Speaker
  readonly isPatient: boolean
  readonly network: ProcessNetwork | undefined
}
