// The context of one call, made by the host from what it knows: the copy that runs, the caller's options, the clock.

import type { CallContext, Lifetime, Limits } from '@bulkhead/kernel'
import type { CallOptions } from '../api.ts'
import type { LoadedCopy } from '../plugin/loaded-copy.ts'
import type { World } from '../plugin/world.ts'
import type { CallClock } from './call-clock.ts'

/** What a context says. */
export interface ContextParts {
  readonly copy: LoadedCopy
  readonly action: string
  readonly options: CallOptions
  readonly limits: Limits
  readonly clock: CallClock
}

/** Frozen; what it says never changes, but for the deadline. */
export class Context implements CallContext {
  readonly callId: string
  readonly principal: CallContext['principal']
  readonly chain: CallContext['chain'] = nobody
  readonly action: string
  readonly user?: string
  readonly workspace?: string
  readonly workspaceRoot: string
  readonly limits: Limits
  readonly #clock: CallClock

  constructor(world: World, { copy, action, options, limits, clock }: ContextParts) {
    const { user, workspace } = options
    this.callId = world.crypto.newId()
    this.principal = copy.principal
    this.action = action
    if (user !== undefined) this.user = user
    if (workspace !== undefined) this.workspace = workspace
    this.workspaceRoot = workspaceRootOf(world, workspace)
    this.limits = limits
    this.#clock = clock
    Object.freeze(this)
  }

  get deadlineMs(): number {
    return this.#clock.deadlineMs
  }

  get lifetime(): Lifetime {
    return this.#clock
  }

  get signal(): AbortSignal {
    return this.#clock.signal
  }
}

const nobody: CallContext['chain'] = Object.freeze([])

const workspaceRootOf = (world: World, workspace: string | undefined): string => {
  const configured = world.policy.workspaces
  if (workspace === undefined || configured === undefined || !Object.hasOwn(configured, workspace))
    return world.workspaceRoot
  return configured[workspace]?.root ?? world.workspaceRoot
}
