// One known plugin: loads on demand, is looked after, and unloads. Owns at most one loaded copy at a time.

import { asBulkheadError, type Awaitable, BulkheadError, type PluginState, type Stated } from '@bulkhead/kernel'
import type { CallOptions, PluginInfo, PluginStatus } from '../api.ts'
import { type CallRequest, type CallResult, runCall } from '../call/run-call.ts'
import { unlessAborted } from '../edge/signals-node.ts'
import { stayAwake } from '../edge/stay-awake-node.ts'
import { boundaryName, effectiveLimits, effectiveSupervision, type PolicySubject, tighterBoundary } from '../policy.ts'
import { CallCounts } from './call-counts.ts'
import type { Discovered } from './discover-node.ts'
import { type LoadedCopy, openLoadedCopy } from './loaded-copy.ts'
import { type Generations, isCrash, PluginSupervision } from './plugin-supervision.ts'
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
  /** What it says of itself. */
  readonly stated: Stated
  /** The count of its starts, for whoever takes its name after it. */
  readonly generations: Generations
  /** Loads it unless it is loaded. @returns ms spent loading, 0 when it was */
  load(): Promise<number>
  /** Loads it, and sees whether it would answer a call. */
  check(): Promise<void>
  /** Answers at once where nothing had to be waited for. @throws BulkheadError, or rejects with it */
  invoke(action: string, input: CallRequest['input'], options: CallOptions): Awaitable<CallResult>
  /** As {@link invoke}, of a call that another had begun to look after. */
  run(request: CallRequest): Awaitable<CallResult>
  /** Drains and stops the loaded copy, if there is one. */
  unload(graceMs?: number): Promise<void>
  /** Unloads as soon as no call runs, unless one comes first. */
  release(): void
  /**
   * Unloads for good: another takes its name. Calls that are still looking for the copy go to the successor; without one they
   * fail with `call.interrupted`.
   */
  retire(successor?: ManagedPlugin): Promise<void>
}

/** What a manager is made with beside the plugin and the world. */
export interface ManagedPluginOptions {
  /** Settles when the plugin that had the name before is gone. */
  readonly predecessor?: Promise<void>
  /** Of the plugin that had the name before. */
  readonly generations?: Generations
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
  let successor: ManagedPlugin | undefined
  const counts = new CallCounts()
  const generations = options.generations ?? { last: 0 }
  const supervision = new PluginSupervision(world, {
    name,
    principal: principalId(plugin),
    rules: effectiveSupervision(world.supervision, world.policy, subject),
    generations,
    together: () => effectiveLimits(manifest, world.policy, subject).concurrency,
    // At once: calls that wait for their turn would start it again and again.
    quarantined: () => unloadUnseen(0),
  })

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
    const beganMs = world.clock.monotonic()
    const generation = supervision.startCopy()
    const loaded = await openLoadedCopy(plugin, world, {
      subject,
      generation,
      care: supervision.care,
      latestStart: () => supervision.generation,
      crashed: (error, begun) => supervision.crashed({ error, beganMs: begun, generation: supervision.generation }),
      onState: (from, to) => {
        state = to
        knownInfo = undefined
        world.events.emit('plugin:state', { id: name, from, to, generation })
      },
      ...(found.origin === 'project' ? { afterReading: world.requireTrust } : {}),
    }).catch((thrown: unknown) => {
      const error = asBulkheadError(thrown)
      if (isCrash(error)) supervision.diedAlone({ error, beganMs, generation })
      throw error
    })
    setCopy(loaded)
    world.events.emit('plugin:loaded', { id: name, loadMs: loaded.loadMs, generation })
  }

  /** The loaded copy. It may be unloaded before the caller's turn comes: compare it with `copy` once awaited. */
  const acquire = async (): Promise<LoadedCopy> => {
    for (;;) {
      if (copy !== undefined) return copy
      if (!found.enabled) throw new BulkheadError('plugin.disabled', `${name} is disabled`)
      loading ??= open()
        .catch((thrown: unknown) => {
          counts.note(asBulkheadError(thrown))
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
    // Whoever took its name may be in use by now.
    if (!retired) world.forget(name)
    stopping = stopped.stop(graceMs).finally(() => {
      stopping = undefined
    })
    await stopping
    world.events.emit('plugin:unloaded', { id: name, generation: stopped.generation })
  }

  const unloadUnseen = (graceMs?: number): void => {
    unload(graceMs).catch((thrown: unknown) => {
      const { message } = asBulkheadError(thrown)
      world.log?.write({ time: world.clock.now(), level: 'error', plugin: name, message })
    })
  }

  const releaseIfIdle = (ready: LoadedCopy): void => {
    if (released && copy === ready && ready.running === 0) unloadUnseen()
  }

  const done = (ready: LoadedCopy, { beganMs }: CallRequest, result: CallResult): CallResult => {
    counts.done()
    if (!supervision.isHealthy) supervision.ended(beganMs)
    releaseIfIdle(ready)
    return result
  }

  const failed = (ready: LoadedCopy, { beganMs }: CallRequest, thrown: unknown): never => {
    const error = asBulkheadError(thrown)
    counts.failed(error)
    if (error.code === 'plugin.failed') supervision.ended(beganMs)
    releaseIfIdle(ready)
    throw thrown
  }

  const run = (ready: LoadedCopy, request: CallRequest): Awaitable<CallResult> => {
    released = false
    world.touch(name)
    request.beganMs = world.clock.monotonic()
    try {
      const result = runCall(world, ready, request)
      return result instanceof Promise ? finishLater(ready, request, result) : done(ready, request, result)
    } catch (thrown) {
      return failed(ready, request, thrown)
    }
  }

  const finishLater = async (
    ready: LoadedCopy,
    request: CallRequest,
    running: Promise<CallResult>,
  ): Promise<CallResult> => {
    // Threads and processes keep this one running while they are called; inline there is nothing else that does.
    using _awake = ready.boundary === 'inline' ? stayAwake() : undefined
    let result: CallResult
    try {
      result = await running
    } catch (thrown) {
      return failed(ready, request, thrown)
    }
    return done(ready, request, result)
  }

  /** Waits for what the plugin's crashes make it wait for. */
  const admitted = async (request: CallRequest): Promise<CallRequest> => {
    if (supervision.isHealthy) return request
    const { signal, timeoutMs } = request.options
    const patienceMs = timeoutMs ?? effectiveLimits(manifest, world.policy, subject).wallMs
    const waitedMs = await supervision.admit({ signal, patienceMs, isLoaded: () => copy !== undefined })
    if (timeoutMs === undefined) return request
    // What was waited is gone from the caller's own time.
    return { ...request, options: { ...request.options, timeoutMs: Math.max(1, timeoutMs - waitedMs) } }
  }

  const loadThenRun = async (request: CallRequest): Promise<CallResult> => {
    const { signal } = request.options
    const due = await admitted(request)
    const wasLoaded = copy !== undefined
    let ready: LoadedCopy
    try {
      ready = await unlessAborted(acquire(), signal)
      while (ready !== copy) ready = await unlessAborted(acquire(), signal)
    } catch (thrown) {
      if (successor === undefined || asBulkheadError(thrown).code !== 'call.interrupted') throw thrown
      return successor.run(due)
    }
    return run(ready, wasLoaded ? due : { ...due, loadMs: ready.loadMs })
  }

  const runOrLoad = (request: CallRequest): Awaitable<CallResult> =>
    copy !== undefined && supervision.isHealthy && request.options.signal?.aborted !== true
      ? run(copy, request)
      : loadThenRun(request)

  return {
    name,
    code: codePaths(plugin),
    stated: { manifest, manifestless: plugin.manifestless },
    generations,
    hasDependencies: Object.keys(manifest.dependencies).length > 0,
    get info() {
      return info()
    },
    get status() {
      const limits = copy?.limits ?? effectiveLimits(manifest, world.policy, subject)
      return {
        ...info(),
        boundary: boundaryName(
          manifest,
          copy?.boundary ?? tighterBoundary(manifest, world.policy, world.usualBoundary.known),
        ),
        isolation: manifest.execution.isolation,
        limits,
        grants: options.grantsOf(info()),
        warnings: options.warningsOf(found),
        callsRunning: copy?.running ?? 0,
        ...counts.status,
        generation: supervision.generation,
        restarts: supervision.restarts,
        health: supervision.health,
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
    check: async () => {
      await (await acquire()).loaded.check?.(world.closing)
    },
    invoke: (action, input, callOptions) =>
      runOrLoad({ plugin: name, action, input, options: callOptions, loadMs: 0, beganMs: 0 }),
    run: runOrLoad,
    unload,
    release: () => {
      released = true
      if (copy !== undefined) releaseIfIdle(copy)
    },
    retire: (next) => {
      retired = true
      successor = next
      return unload()
    },
  }
}
