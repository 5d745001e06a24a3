// A cell as the runtimes see it: loaded once, called often. It gives each call its turn, loads itself again when its
// thread died, and runs again what can be run again. It knows nothing of the guest.

import type {
  ActionSpec,
  Awaitable,
  Boundary,
  CallContext,
  LogLevel,
  RuntimeCall,
  RuntimeResult,
} from '@bulkhead/kernel'
import { BulkheadError, contextKey } from '@bulkhead/kernel/wire'
import type { Berth } from './berth.ts'
import { withinCall } from './call-end.ts'
import type { CellArtifact } from './driver.ts'
import { type GuestHandle, type Life, RunAgain } from './life.ts'
import { type Turn, Turns } from './turns.ts'

/** The operator's switches for what WebAssembly may use; see the meter. */
export interface CellFeatures {
  readonly gc?: boolean
  readonly threads?: boolean
  readonly memory64?: boolean
}

/** What a cell is opened with. */
export interface CellOptions {
  /** `jail`: in a confined process. `thread`: off the host's thread. `inline`: on it; trusted code only. */
  readonly boundary: Boundary
  /** Names whom a jail is for: cells share one with those of the same domain alone. */
  readonly domain: string
  /** A module that exports `driver` (see driver.ts). */
  readonly driverUrl: URL
  readonly artifact: CellArtifact
  readonly features?: CellFeatures
  /** Wall time for loading; the greater of limits.wallMs and 10 s when absent. */
  readonly loadTimeoutMs?: number
  /** Ends the loading of the artifact, with its reason; without effect once it is loaded. */
  readonly signal?: AbortSignal | undefined
  /** Lines written outside any call. */
  log(level: LogLevel, message: string): void
  /** Told when what it runs in dies while nothing is under way there; the next call starts another. */
  died?(error: BulkheadError): void
}

/** A loaded cell. Disposing unloads it; calls in flight fail with `plugin.crashed`. */
export interface Cell extends AsyncDisposable {
  readonly actions: Readonly<Record<string, ActionSpec>>
  /** Runs one call; answers at once where nothing had to be waited for. @throws BulkheadError, or rejects with it */
  call(request: RuntimeCall): Awaitable<RuntimeResult>
}

/** How often a call is run again because its compartment was ended for another call. */
const mostAttempts = 4

/** Loads an artifact at a berth. @throws BulkheadError */
export const openCell = async (options: CellOptions, berth: Berth): Promise<Cell> => {
  const cell = new BerthedCell(options, berth)
  berth.enter(cell)
  try {
    await cell.load()
    return cell
  } catch (thrown) {
    await berth.leave(cell)
    throw thrown
  }
}

class BerthedCell implements Cell {
  readonly #options: CellOptions
  readonly #berth: Berth
  readonly #turns: Turns
  #closed = false
  #life: Life | undefined
  #guest: GuestHandle | undefined
  #loading: Promise<GuestHandle> | undefined
  #lastContext: { readonly context: ContextOrigin; readonly key: string } | undefined
  actions: Readonly<Record<string, ActionSpec>> = {}

  constructor(options: CellOptions, berth: Berth) {
    this.#options = options
    this.#berth = berth
    this.#turns = new Turns(options.artifact.limits.concurrency, options.artifact.name)
  }

  /** Loads it for the first time; only this load can be given up from outside. */
  async load(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const { actions } = await this.#loadOn(this.#berth.life, this.#options.signal)
        this.actions = actions
        return
      } catch (thrown) {
        if (!(thrown instanceof RunAgain)) throw thrown
        if (tries === mostAttempts) throw endedTooOften(this.#options.artifact.name, tries)
      }
    }
  }

  call(request: RuntimeCall): Awaitable<RuntimeResult> {
    const { artifact } = this.#options
    if (this.#closed) throw closedError(artifact.name)
    const key = this.#contextKey(request.context)
    const turnKey = artifact.isolation === 'per-plugin' ? key : undefined
    const turn = this.#turns.take(turnKey)
    if (turn === undefined) return this.#callInTurn(request, key, this.#wait(turnKey, request))
    const guest = this.#loadedNow
    if (guest === undefined) return this.#callLater(request, key, turn)
    let running: Awaitable<RuntimeResult>
    try {
      running = (this.#life as Life).run(guest, request, key)
    } catch (thrown) {
      if (thrown instanceof RunAgain) return this.#callLater(request, key, turn)
      turn.end()
      throw thrown
    }
    if (running instanceof Promise) return this.#callLater(request, key, turn, running)
    turn.end()
    return running
  }

  async #callInTurn(request: RuntimeCall, key: string, turn: Promise<Turn>): Promise<RuntimeResult> {
    return this.#callLater(request, key, await turn)
  }

  /** Waits for the call if it is `begun`, and runs it (again) where it must. */
  async #callLater(
    request: RuntimeCall,
    key: string,
    turn: Turn,
    begun?: Promise<RuntimeResult>,
  ): Promise<RuntimeResult> {
    const { name } = this.#options.artifact
    let running: Awaitable<RuntimeResult> | undefined = begun
    try {
      for (let tries = 1; ; tries++) {
        if (running === undefined && this.#closed) throw closedError(name)
        try {
          if (running === undefined) {
            const guest = this.#loadedNow ?? (await withinCall(request.context, this.#what(request), this.#loaded()))
            running = (this.#life as Life).run(guest, request, key)
          }
          return await running
        } catch (thrown) {
          if (!(thrown instanceof RunAgain)) throw thrown
          if (tries === mostAttempts) throw endedTooOften(name, tries)
          running = undefined
        }
      }
    } finally {
      turn.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const guest = this.#guest
    const life = this.#life
    if (guest !== undefined && life !== undefined && life.dead === undefined) {
      life.abandon(guest, new BulkheadError('plugin.crashed', `${this.#options.artifact.name} was unloaded`))
      // With others at the berth the thread lives on, and must let go of what was this plugin's.
      if (this.#berth.size > 1) await life.unload(guest)
    }
    await this.#berth.leave(this)
  }

  async #wait(key: string | undefined, request: RuntimeCall): Promise<Turn> {
    const { turn, leave } = this.#turns.ask(key)
    try {
      return await withinCall(request.context, this.#what(request), turn)
    } catch (thrown) {
      leave()
      throw thrown
    }
  }

  /** Most calls come from where the last one came from. */
  #contextKey(context: CallContext): string {
    const last = this.#lastContext
    if (last !== undefined && context.chain.length === 0 && isSameContext(context, last.context)) return last.key
    const key = contextKey(context)
    const { principal, user, workspace, workspaceRoot, chain } = context
    // Not the context itself: it holds on to its call.
    if (chain.length === 0) this.#lastContext = { context: { principal, user, workspace, workspaceRoot }, key }
    return key
  }

  #what({ action }: RuntimeCall): string {
    return `${this.#options.artifact.name} ${action}`
  }

  get #loadedNow(): GuestHandle | undefined {
    return this.#life?.dead === undefined ? this.#guest : undefined
  }

  /** The guest in the living generation; it is loaded there first where it must. */
  async #loaded(): Promise<GuestHandle> {
    const life = this.#berth.life
    if (this.#life === life && this.#guest !== undefined) return this.#guest
    this.#loading ??= this.#loadOn(life, undefined).finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #loadOn(life: Life, signal: AbortSignal | undefined): Promise<GuestHandle> {
    const { artifact, driverUrl, features, loadTimeoutMs, log } = this.#options
    const guest = await life.load({
      artifact,
      driverUrl,
      signal,
      timeoutMs: loadTimeoutMs ?? Math.max(artifact.limits.wallMs, 10_000),
      ...(features === undefined ? {} : { features }),
      log: (level, message) => log(level, message),
      died: (error) => {
        if (!this.#closed) this.#options.died?.(error)
      },
    })
    if (this.#closed) {
      // Closed while its thread had to be replaced: nobody else lets go of this copy.
      await life.unload(guest)
      throw closedError(artifact.name)
    }
    this.#life = life
    this.#guest = guest
    return guest
  }
}

interface ContextOrigin {
  readonly principal: CallContext['principal']
  readonly user?: string | undefined
  readonly workspace?: string | undefined
  readonly workspaceRoot: string
}

const isSameContext = (a: ContextOrigin, b: ContextOrigin): boolean =>
  a.principal.id === b.principal.id &&
  a.principal.digest === b.principal.digest &&
  a.user === b.user &&
  a.workspace === b.workspace &&
  a.workspaceRoot === b.workspaceRoot

const endedTooOften = (name: string, times: number): BulkheadError =>
  new BulkheadError('call.interrupted', `the compartment of ${name} was ended ${times} times`)

const closedError = (name: string): BulkheadError => new BulkheadError('host.closed', `${name} was unloaded`)
