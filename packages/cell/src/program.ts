// The cell program: loads drivers and artifacts, keeps instances, runs calls. It runs in a thread, in the host's own
// thread or in a jailed process, and knows nothing of how it is reached. It never decides what a guest may do: host calls go
// out through the link of their call.

import type { ActionSpec, Awaitable, HostReply, Limits, LogLevel, Payload } from '@bulkhead/kernel'
import { asBulkheadError, boundLog, BulkheadError, type Log, Roster, type RosterEntry } from '@bulkhead/kernel/wire'
import type { CodeCache } from './code-cache/index.ts'
import type { CellArtifact, Driver, Guest, GuestCall, GuestResult } from './driver.ts'
import { type EngineOptions, makeEngine } from './engine.ts'
import type { NoteDiscarded } from './garbage-node.ts'
import { IdleInstances } from './idle-instances.ts'
import { InstancePool, type PoolResult } from './instance-pool.ts'
import { LazyAbort } from './lazy-abort.ts'
import { MemoryStock } from './memory-stock.ts'
import { ModuleStore } from './module-store.ts'
import { epochWords, type Registers } from './registers.ts'
import type { Scheduler } from './scheduler.ts'
import { CellTask, type TaskBounds, type Usage } from './task.ts'
import type { Timers } from './timers.ts'

/** What the program runs on. */
export interface ProgramParts {
  readonly registers: Registers
  readonly scheduler: Scheduler
  readonly timers: Timers
  /** Hears of the memory of instances that are dropped. */
  readonly noteDiscarded: NoteDiscarded
  /** Where rewritten modules are kept beyond the thread. */
  readonly cache?: CodeCache | undefined
}

/** An artifact to load. */
export interface LoadRequest {
  /** Of the requester's choice; names the guest from then on. */
  readonly guest: number
  readonly driver: string
  readonly artifact: CellArtifact
  readonly features?: EngineOptions['features']
}

/** Bounds that a requester may set. */
type AskedBounds = { readonly [Bound in keyof TaskBounds]?: TaskBounds[Bound] | undefined }

/** A call to run. */
export interface RunRequest {
  readonly guest: number
  readonly action: string
  readonly contextKey: string
  readonly input: GuestCall['input']
  readonly output: 'value' | 'raw'
  /** Where one is absent, the guest's own limit holds. */
  readonly bounds: AskedBounds
}

/** The way back to whoever requested something. */
export interface Link {
  readonly isCancelled: boolean
  /** Calls back once, when it is cancelled. */
  onCancel(run: () => void): void
  log(level: LogLevel, message: string): void
}

/** The way back from a call: also the door for its host calls. */
export interface RunLink extends Link {
  /** One host call. `over` tells that the call ended and nobody waits for the answer any more. Never rejects. */
  dispatch(name: string, payload: Payload, over: LazyAbort): Promise<HostReply>
}

/** How a call ended. */
export type RunOutcome =
  | { readonly output: GuestResult['output']; readonly memoryBytes: number; readonly usage: Usage }
  | { readonly error: BulkheadError; readonly usage: Usage }

interface LoadedGuest {
  readonly guest: Guest
  readonly pool: InstancePool
  readonly limits: Limits
  readonly features: EngineOptions['features']
}

/** See the file's head. */
export class Program {
  readonly #parts: ProgramParts
  readonly #modules: ModuleStore
  readonly #guests = new Map<number, LoadedGuest>()
  readonly #idle: IdleInstances
  readonly #memories: MemoryStock
  readonly #tasks = new Roster<CellTask>()
  #lastTask = 0
  #loading = 0

  constructor(parts: ProgramParts) {
    this.#parts = parts
    this.#modules = new ModuleStore(parts.cache)
    this.#idle = new IdleInstances(parts.timers)
    this.#memories = new MemoryStock(parts)
  }

  /** Whether something is being loaded, which takes an event loop. */
  get isLoading(): boolean {
    return this.#loading > 0
  }

  /** Does one piece of work that nobody waits for; answers whether there was any. */
  tidy(): boolean {
    return this.#idle.tidy() || this.#memories.tidy()
  }

  /** Loads an artifact. @throws BulkheadError */
  async load(request: LoadRequest, link: Link): Promise<Readonly<Record<string, ActionSpec>>> {
    const { artifact, features, guest: id } = request
    const { limits, isolation } = artifact
    const { task, entry } = this.#makeTask(
      {
        cpuMs: Math.max(limits.cpuMs, 10_000),
        ...(limits.fuel === undefined ? {} : { fuel: Number.MAX_SAFE_INTEGER }),
      },
      { limits, features },
    )
    this.#loading++
    try {
      const { driver } = (await import(request.driver)) as { driver: Driver }
      if (driver.prepared !== undefined) this.#modules.usePrepared(driver.prepared)
      const engine = makeEngine(
        { ...this.#parts, modules: this.#modules, memories: this.#memories },
        { limits, ...(features === undefined ? {} : { features }) },
      )
      link.onCancel(() => this.#cancel(task))
      const log = boundLog((level, message) => link.log(level, message))
      const guest = await driver.load(artifact, engine, { task, log })
      if (link.isCancelled) {
        guest[Symbol.dispose]()
        throw cancelledError()
      }
      const pool = new InstancePool(guest, {
        isolation,
        limits,
        idle: this.#idle,
        later: (run) => this.#parts.scheduler.later(run),
      })
      this.#guests.set(id, { guest, limits, features, pool })
      return guest.actions
    } finally {
      this.#loading--
      entry.leave()
    }
  }

  /** Runs a call. Never throws or rejects. */
  run(request: RunRequest, link: RunLink): Awaitable<RunOutcome> {
    const loaded = this.#guests.get(request.guest)
    if (loaded === undefined) {
      return {
        error: new BulkheadError('host.internal', 'a call came for a guest that is not loaded'),
        usage: { cpuMs: 0 },
      }
    }
    const { task, entry } = this.#makeTask(request.bounds, loaded)
    const call = new RunningCall(request, { task, entry, link })
    link.onCancel(() => {
      this.#cancel(task)
      call.abort.abort(cancelledError())
    })
    try {
      const result = loaded.pool.run(call)
      return result instanceof Promise ? this.#runOn(call, result) : call.returned(result)
    } catch (thrown) {
      return call.failed(thrown)
    }
  }

  async #runOn(call: RunningCall, running: Promise<PoolResult>): Promise<RunOutcome> {
    try {
      return call.returned(await running)
    } catch (thrown) {
      return call.failed(thrown)
    }
  }

  /** Drops a guest with its instances. */
  unload(id: number): void {
    const loaded = this.#guests.get(id)
    this.#guests.delete(id)
    loaded?.pool[Symbol.dispose]()
    loaded?.guest[Symbol.dispose]()
  }

  /** Ends every task and drops every guest, as far as one can from the same thread. */
  abandon(): void {
    for (const task of this.#tasks) task.end(new BulkheadError('call.cancelled', 'the compartment is closed'))
    for (const id of [...this.#guests.keys()]) this.unload(id)
    this.#idle[Symbol.dispose]()
    this.#memories[Symbol.dispose]()
  }

  #makeTask(
    asked: AskedBounds,
    { limits, features }: Pick<LoadedGuest, 'limits' | 'features'>,
  ): { task: CellTask; entry: RosterEntry } {
    const isGarbageAllowed = features?.gc === true
    const bounds = {
      cpuMs: asked.cpuMs ?? limits.cpuMs,
      wallDeadlineMs: asked.wallDeadlineMs ?? Number.POSITIVE_INFINITY,
      // A module that was not rewritten for fuel cannot count it.
      fuel: limits.fuel === undefined ? undefined : (asked.fuel ?? limits.fuel),
      allocationBytes: isGarbageAllowed ? limits.memoryBytes : undefined,
    }
    const task = new CellTask(++this.#lastTask, bounds)
    return { task, entry: this.#tasks.add(task) }
  }

  /** Ends a task that nobody wants any more, and says so to guest code that cannot be paused. */
  #cancel(task: CellTask): void {
    const { scheduler, registers } = this.#parts
    task.end(cancelledError())
    if (scheduler.current !== task) {
      scheduler.hurry(task)
      return
    }
    Atomics.store(registers.words, epochWords.cancelled, task.id)
    Atomics.store(registers.words, epochWords.flag, 1)
  }
}

/** What a call runs with. */
interface CallParts {
  readonly task: CellTask
  readonly entry: RosterEntry
  readonly link: RunLink
}

class RunningCall implements GuestCall {
  readonly action: string
  readonly contextKey: string
  readonly input: GuestCall['input']
  readonly output: 'value' | 'raw'
  readonly #parts: CallParts
  #abort: LazyAbort | undefined
  #log: Log | undefined
  #isOver = false

  constructor(request: RunRequest, parts: CallParts) {
    this.action = request.action
    this.contextKey = request.contextKey
    this.input = request.input
    this.output = request.output
    this.#parts = parts
  }

  get task(): CellTask {
    return this.#parts.task
  }

  /** Made when somebody listens, or the call is cancelled. */
  get abort(): LazyAbort {
    return (this.#abort ??= new LazyAbort())
  }

  get signal(): AbortSignal {
    return this.abort.signal
  }

  log(level: LogLevel, message: string): void {
    this.#log ??= boundLog((severity, line) => {
      if (this.#isAlive) this.#parts.link.log(severity, line)
    })
    this.#log(level, message)
  }

  dispatch(name: string, payload: Payload): Promise<HostReply> {
    if (this.#isAlive) return this.#parts.link.dispatch(name, payload, this.abort)
    return Promise.resolve({ ok: false, error: cancelledError().toJSON() })
  }

  returned({ result, memoryBytes }: PoolResult): RunOutcome {
    this.#end()
    return { output: result.output, memoryBytes, usage: this.task.usage }
  }

  failed(thrown: unknown): RunOutcome {
    this.#end()
    return { error: this.task.ended ?? asBulkheadError(thrown), usage: this.task.usage }
  }

  #end(): void {
    this.#isOver = true
    this.#parts.entry.leave()
  }

  get #isAlive(): boolean {
    return !this.#isOver && !this.#parts.link.isCancelled
  }
}

/** The end of a call that its caller wants no more. */
export const cancelledError = (): BulkheadError => new BulkheadError('call.cancelled', 'the call was cancelled')
