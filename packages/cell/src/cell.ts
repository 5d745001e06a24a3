// A cell as the runtimes see it: loaded once, called often. It gives each call its turn, starts a new generation when
// one died, and runs again what can be run again. It knows nothing of the guest.

import type { ActionSpec, Boundary, CallContext, LogLevel, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel/wire'
import { withinCall } from './call-end.ts'
import type { CellArtifact } from './driver.ts'
import { Generation, RunAgain } from './generation.ts'
import { Turns } from './turns.ts'

/** What a cell is opened with. */
export interface CellOptions {
  /** `thread`: a call past its time is cut off. `inline`: it shares the host's thread and cannot be; trusted code only. */
  readonly boundary: Exclude<Boundary, 'jail'>
  /** A module that exports `driver` (see driver.ts). */
  readonly driverUrl: URL
  readonly artifact: CellArtifact
  /** Wall time for loading; the greater of limits.wallMs and 10 s when absent. */
  readonly loadTimeoutMs?: number
  /** Ends the loading of the artifact, with its reason; without effect once it is loaded. */
  readonly signal?: AbortSignal | undefined
  /** Lines written outside any call. */
  log(level: LogLevel, message: string): void
}

/** A loaded cell. Disposing ends its compartment; calls in flight fail with `plugin.crashed`. */
export interface Cell extends AsyncDisposable {
  readonly actions: Readonly<Record<string, ActionSpec>>
  /** @throws BulkheadError */
  call(request: RuntimeCall): Promise<RuntimeResult>
}

/** How often a call is run again because its compartment was ended for another call. */
const mostAttempts = 4

/** Opens a cell: starts its compartment and loads the artifact. @throws BulkheadError */
export const openCell = async (options: CellOptions): Promise<Cell> => {
  const { artifact } = options
  const start = (): Generation =>
    new Generation({ loadTimeoutMs: Math.max(artifact.limits.wallMs, 10_000), ...options })
  let generation = start()
  const turns = new Turns(artifact.limits.concurrency, artifact.name)
  let closed = false
  let actions: Readonly<Record<string, ActionSpec>>
  const giveUp = (): void => generation.end(asBulkheadError(options.signal?.reason, 'call.cancelled'))
  options.signal?.addEventListener('abort', giveUp, { once: true })
  if (options.signal?.aborted === true) giveUp()
  try {
    actions = await generation.actions
  } catch (thrown) {
    await generation.ended()
    throw thrown
  } finally {
    options.signal?.removeEventListener('abort', giveUp)
  }

  const attempt = async (request: RuntimeCall, key: string): Promise<RuntimeResult> => {
    for (let tries = 1; ; tries++) {
      if (closed) throw closedError(artifact.name)
      if (generation.dead !== undefined) generation = start()
      const current = generation
      try {
        await withinCall(request.context, `${artifact.name} ${request.action}`, current.actions)
        return await current.run(request, key)
      } catch (thrown) {
        if (!(thrown instanceof RunAgain)) throw thrown
        if (tries === mostAttempts) {
          throw new BulkheadError('call.interrupted', `the compartment of ${artifact.name} was ended ${tries} times`)
        }
      }
    }
  }

  return {
    actions,
    call: async (request) => {
      if (closed) throw closedError(artifact.name)
      const key = contextKey(request.context)
      const { turn, leave } = turns.ask(artifact.isolation === 'per-plugin' ? key : undefined)
      let given: Disposable
      try {
        given = await withinCall(request.context, `${artifact.name} ${request.action}`, turn)
      } catch (thrown) {
        leave()
        throw thrown
      }
      using _turn = given
      return await attempt(request, key)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      generation.end(new BulkheadError('plugin.crashed', `${artifact.name} was unloaded`))
      await generation.ended()
    },
  }
}

/** Names the security context of a call: principal, user, workspace and caller chain. */
export const contextKey = (context: CallContext): string =>
  JSON.stringify([
    context.principal.id,
    context.principal.digest,
    context.user ?? null,
    context.workspace ?? null,
    context.workspaceRoot,
    ...context.chain.map((principal) => [principal.id, principal.digest]),
  ])

const closedError = (name: string): BulkheadError => new BulkheadError('host.closed', `${name} was unloaded`)
