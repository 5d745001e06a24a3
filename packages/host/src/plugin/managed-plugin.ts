// One known plugin: loads on demand, counts, and unloads. Owns at most one loaded copy at a time.

import {
  asBulkheadError,
  type Awaitable,
  BulkheadError,
  type ErrorCode,
  type PluginState,
  type WireError,
} from '@bulkhead/kernel'
import type { CallOptions, PluginInfo, PluginStatus } from '../api.ts'
import { type CallRequest, type CallResult, runCall } from '../call/run-call.ts'
import { unlessAborted } from '../edge/signals-node.ts'
import { effectiveLimits, type PolicySubject, tighterBoundary } from '../policy.ts'
import type { Discovered } from './discover-node.ts'
import { type LoadedCopy, openLoadedCopy } from './loaded-copy.ts'
import { codePaths, principalId } from './read-artifact-node.ts'
import type { World } from './world.ts'

/** A plugin that the host manages. */
export interface ManagedPlugin {
  readonly name: string
  readonly info: PluginInfo
  /** Whether its manifest names plugins that it needs. */
  readonly hasDependencies: boolean
  /** Paths that no plugin may write. */
  readonly code: readonly string[]
  readonly status: PluginStatus
  /** Loads it unless it is loaded. @returns ms spent loading, 0 when it was */
  load(): Promise<number>
  /** Answers at once where nothing had to be waited for. @throws BulkheadError, or rejects with it */
  invoke(action: string, input: CallRequest['input'], options: CallOptions): Awaitable<CallResult>
  /** Drains and stops the loaded copy, if there is one. */
  unload(graceMs?: number): Promise<void>
  /** Unloads as soon as no call runs, unless one comes first. */
  release(): void
  /** Unloads for good: another takes its name. Calls that are still looking for the copy fail with `call.interrupted`. */
  retire(): Promise<void>
}

/** What a manager is made with beside the plugin and the world. */
export interface ManagedPluginOptions {
  /** Settles when the plugin that had the name before is gone. */
  readonly predecessor?: Promise<void>
  grantsOf(plugin: PluginInfo): readonly string[]
  warningsOf(found: Discovered): readonly string[]
}

/** Makes the manager of one plugin. */
export const makeManagedPlugin = (found: Discovered, world: World, options: ManagedPluginOptions): ManagedPlugin => {
  const { plugin } = found
  const { manifest } = plugin
  const name = manifest.name
  const subject: PolicySubject = { name, principal: principalId(plugin), origin: found.origin }
  let state: PluginState = 'discovered'
  let copy: LoadedCopy | undefined
  let loading: Promise<void> | undefined
  // Two copies of one principal at a time would undo each other's registration at the gate.
  let stopping = options.predecessor
  let released = false
  let retired = false
  let callsDone = 0
  let callsFailed = 0
  let lastError: WireError | undefined
  const limitHits: Partial<Record<ErrorCode, number>> = {}

  // Every call asks for it, and it changes with the state and the copy only.
  let knownInfo: PluginInfo | undefined
  const info = (): PluginInfo =>
    (knownInfo ??= Object.freeze({
      id: name,
      manifest,
      path: plugin.path,
      origin: found.origin,
      enabled: found.enabled,
      state,
      principal: copy?.principal.id ?? principalId(plugin),
      ...(copy === undefined ? {} : { digest: copy.principal.digest }),
    }))
  const setCopy = (made: LoadedCopy | undefined): void => {
    copy = made
    knownInfo = undefined
  }

  const open = async (): Promise<void> => {
    await stopping
    if (world.closing.aborted) throw new BulkheadError('host.closed', 'the host is closed')
    if (retired) throw new BulkheadError('call.interrupted', `${name} was replaced while the call waited for it`)
    const loaded = await openLoadedCopy(plugin, world, {
      subject,
      onState: (from, to) => {
        state = to
        knownInfo = undefined
        world.events.emit('plugin:state', { id: name, from, to })
      },
      ...(found.origin === 'project' ? { afterReading: world.requireTrust } : {}),
    })
    setCopy(loaded)
    world.events.emit('plugin:loaded', { id: name, loadMs: loaded.loadMs })
  }

  /** The loaded copy. It may be unloaded before the caller's turn comes: compare it with `copy` once awaited. */
  const acquire = async (): Promise<LoadedCopy> => {
    for (;;) {
      if (copy !== undefined) return copy
      if (!found.enabled) throw new BulkheadError('plugin.disabled', `${name} is disabled`)
      loading ??= open()
        .catch((thrown: unknown) => {
          lastError = asBulkheadError(thrown).toJSON()
          throw thrown
        })
        .finally(() => {
          loading = undefined
        })
      await loading
    }
  }

  const unload = async (graceMs = manifest.lifecycle.gracefulShutdownTimeoutMs): Promise<void> => {
    await loading?.catch(() => {})
    const stopped = copy
    if (stopped === undefined) return stopping
    setCopy(undefined)
    world.forget(name)
    stopping = stopped.stop(graceMs).finally(() => {
      stopping = undefined
    })
    await stopping
    world.events.emit('plugin:unloaded', { id: name })
  }

  const releaseIfIdle = (): void => {
    if (copy === undefined || copy.running > 0) return
    unload().catch((thrown: unknown) => {
      const { message } = asBulkheadError(thrown)
      world.log?.write({ time: world.clock.now(), level: 'error', plugin: name, message })
    })
  }

  const done = (ready: LoadedCopy, result: CallResult): CallResult => {
    callsDone++
    if (released && copy === ready) releaseIfIdle()
    return result
  }

  const failed = (ready: LoadedCopy, thrown: unknown): never => {
    callsFailed++
    const error = asBulkheadError(thrown)
    lastError = error.toJSON()
    if (error.code.startsWith('limit.')) limitHits[error.code] = (limitHits[error.code] ?? 0) + 1
    if (released && copy === ready) releaseIfIdle()
    throw thrown
  }

  const run = (ready: LoadedCopy, request: CallRequest): Awaitable<CallResult> => {
    released = false
    world.touch(name)
    try {
      const result = runCall(world, ready, request)
      return result instanceof Promise ? finishLater(ready, result) : done(ready, result)
    } catch (thrown) {
      return failed(ready, thrown)
    }
  }

  const finishLater = async (ready: LoadedCopy, running: Promise<CallResult>): Promise<CallResult> => {
    try {
      return done(ready, await running)
    } catch (thrown) {
      return failed(ready, thrown)
    }
  }

  const loadThenRun = async (request: CallRequest): Promise<CallResult> => {
    const { signal } = request.options
    const wasLoaded = copy !== undefined
    let ready = await unlessAborted(acquire(), signal)
    while (ready !== copy) ready = await unlessAborted(acquire(), signal)
    return run(ready, wasLoaded ? request : { ...request, loadMs: ready.loadMs })
  }

  return {
    name,
    code: codePaths(plugin),
    hasDependencies: Object.keys(manifest.dependencies).length > 0,
    get info() {
      return info()
    },
    get status() {
      const limits = copy?.limits ?? effectiveLimits(manifest, world.policy, subject)
      return {
        ...info(),
        boundary: copy?.boundary ?? tighterBoundary(manifest, world.policy, world.usualBoundary.known),
        isolation: manifest.execution.isolation,
        limits,
        grants: options.grantsOf(info()),
        warnings: options.warningsOf(found),
        callsRunning: copy?.running ?? 0,
        callsDone,
        callsFailed,
        limitHits: { ...limitHits },
        ...(lastError === undefined ? {} : { lastError }),
        actions: copy?.actions ?? manifest.actions,
        ...(copy?.lastProcess === undefined ? {} : { process: copy.lastProcess }),
      }
    },
    load: async () => {
      if (copy !== undefined) return 0
      const loaded = await acquire()
      world.touch(name)
      return loaded.loadMs
    },
    invoke: (action, input, callOptions) => {
      const request = { plugin: name, action, input, options: callOptions, loadMs: 0 }
      if (copy !== undefined && callOptions.signal?.aborted !== true) return run(copy, request)
      return loadThenRun(request)
    },
    unload,
    release: () => {
      released = true
      releaseIfIdle()
    },
    retire: () => {
      retired = true
      return unload()
    },
  }
}
