// One process of a plugin, from its start to its end: confined, spoken to over its standard streams, and ended when it does
// not come back from a call that is over.

import { asBulkheadError, BulkheadError, type Limits, type LogLevel, type WireValue } from '@bulkhead/kernel'
import type { ProcessActionCall } from '@bulkhead/protocols'
import { type Confined, startConfined } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import { prepareSpeaker } from './prepare-speaker.ts'
import type { Program } from './program.ts'
import type { Speaker, SpokenProtocol } from './speaker.ts'

/** What processes of one plugin have in common. */
export interface ProcessSpec {
  readonly name: string
  readonly version: string
  readonly protocol: SpokenProtocol
  readonly hostVersion: string
  readonly folder: string
  readonly program: Program
  readonly limits: Limits
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** Lines outside of any call. */
  log(level: LogLevel, message: string): void
}

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
/** Processes and threads, descriptors, and bytes of /tmp of one process. */
const bounds = { processes: 64, openFiles: 256, tmpBytes: 16 * 1024 * 1024 }
/** Processor time over its whole life, seconds: a call is bounded by the clock. */
const cpuSeconds = 24 * 3600

let open = 0

/** Processes of this kind that run now. */
export const openProcesses = (): number => open

/** See the file's head. */
export class RunningProcess implements AsyncDisposable {
  readonly #confined: Confined
  readonly #name: string
  readonly #plugin: Speaker
  #isOver = false
  #calls = 0
  /** A look at whether it is still there, after a call that it did not come back from. */
  #look: Promise<void> | undefined
  /** Settles when no process of the tree is left. */
  readonly gone: Promise<unknown>

  private constructor(name: string, confined: Confined, plugin: Speaker) {
    this.#name = name
    this.#confined = confined
    this.#plugin = plugin
    open++
    this.gone = confined.exited.then(() => {
      open--
      this.#isOver = true
    })
    void plugin.closed.then(() => this.#endUnlessGone())
  }

  /** @throws BulkheadError `sandbox.*`, `protocol.*`, `plugin.crashed`, `limit.time` */
  static async start(spec: ProcessSpec, signal?: AbortSignal): Promise<RunningProcess> {
    const { folder, limits, program } = spec
    const log = boundedLog(spec)
    const timing = { timeoutMs: startTimeoutMs, signal }
    const prepared = await prepareSpeaker({ ...spec, ...timing, maxOutputBytes: limits.outputBytes, log })
    const confined = await startConfined({
      argv: program.argv,
      workingFolder: folder,
      readable: [folder, ...program.readable],
      writable: [],
      sockets: [],
      environment: { ...prepared.environment, HOME: '/tmp', LANG: 'C.UTF-8', TMPDIR: '/tmp' },
      system: program.system,
      network: 'none',
      tmpBytes: bounds.tmpBytes,
      limits: {
        memoryBytes: limits.memoryBytes,
        cpuSeconds,
        processes: bounds.processes,
        openFiles: bounds.openFiles,
        fileSizeBytes: limits.fileSizeBytes,
      },
    })
    try {
      return new RunningProcess(spec.name, confined, await prepared.open(confined))
    } catch (thrown) {
      const { reason, code } = await confined.end()
      throw reason === 'ended' ? thrown : exitError(spec.name, reason, code, thrown)
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

  listActions(): ReturnType<Speaker['listActions']> {
    return this.#plugin.listActions(startTimeoutMs)
  }

  /** Bytes of memory of the whole tree at most, where that is known. */
  get memoryBytes(): number | undefined {
    return this.#confined.usage().memoryBytes
  }

  /** @throws BulkheadError `plugin.*`, `limit.*`, `call.*`, `output.*`, `protocol.*` */
  async call(call: ProcessActionCall): Promise<WireValue> {
    this.#calls++
    try {
      return await this.#plugin.call(call)
    } catch (thrown) {
      const error = asBulkheadError(thrown)
      if (call.signal?.aborted === true || error.code === 'limit.time') this.#look = this.#endUnlessAlive()
      if (error.code !== 'plugin.crashed') throw error
      const { reason, code } = await this.#confined.exited
      throw exitError(this.#name, reason, code, error)
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

const exitError = (name: string, reason: string, code: number | null, cause: unknown): BulkheadError => {
  if (reason === 'memory')
    return new BulkheadError('limit.memory', `${name} used more memory than its limit`, { cause })
  if (reason === 'cpu') return new BulkheadError('limit.cpu', `${name} used more CPU time than its limit`, { cause })
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
