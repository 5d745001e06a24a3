// One loaded copy of a plugin, from reading its bytes to stopping it: the lifecycle of one incarnation.

import {
  type ActionSpec,
  asBulkheadError,
  type Boundary,
  BulkheadError,
  checkEngine,
  type CompartmentCare,
  compileSchema,
  type Limits,
  type LoadedPlugin,
  type Manifest,
  openLifecycle,
  type PluginState,
  type Principal,
  type ProcessFacts,
  validate,
} from '@bulkhead/kernel'
import { type ActionSchemas, compileActionSchemas } from '../call/values.ts'
import { makeRateLimit, type TakeCall } from '../call/rate.ts'
import { boundaryName, tighterBoundary, effectiveFeatures, effectiveLimits, type PolicySubject } from '../policy.ts'
import { hostVersion } from '../version.ts'
import type { LocatedPlugin } from './locate-node.ts'
import { mergeActions } from './merge-actions.ts'
import { makeDecideAccess } from './process-access-node.ts'
import { readArtifact } from './read-artifact-node.ts'
import type { World } from './world.ts'

/** One action, ready to be called. */
export interface ActionEntry extends ActionSchemas {
  /** Infinite when the manifest sets none. */
  readonly timeoutMs: number
}

/** A running copy. */
export interface LoadedCopy {
  readonly principal: Principal
  readonly limits: Limits
  readonly boundary: Boundary
  readonly loadMs: number
  /** Number of the start by which it was loaded. */
  readonly generation: number
  /** Number of the latest start: its compartments may have been started again since. */
  readonly latestStart: number
  readonly actions: Readonly<Record<string, ActionSpec>>
  readonly loaded: LoadedPlugin
  readonly takeCall: TakeCall
  /** What holds for the process that was started last; of the process tier alone. */
  readonly lastProcess: ProcessFacts | undefined
  /** Calls that run now. */
  running: number
  /** Whether it was told to stop: calls that fail from then on are no crash. */
  readonly stopping: boolean
  /** Whether it has ended: an answer of it that comes still is nobody's. */
  readonly isOver: boolean
  /** Notes that a call which began then fails of the end of its compartment; unless the copy was told to stop. */
  crashed(error: BulkheadError, beganMs: number): void
  /** Undefined for a name that is none of `actions`. @throws BulkheadError `schema.invalid` */
  actionOf(action: string): ActionEntry | undefined
  /** Finishes calls in flight up to the grace time, then stops. Never throws. */
  stop(graceMs: number): Promise<void>
}

/** What a copy is opened with beside the plugin and the world. */
export interface LoadedCopyOptions {
  /** As whom the policy knows the plugin. */
  readonly subject: PolicySubject
  readonly generation: number
  latestStart(): number
  readonly care: CompartmentCare
  /** Told of calls that fail of the end of their compartments. */
  crashed(error: BulkheadError, beganMs: number): void
  /** Told of every state. */
  onState(from: PluginState, to: PluginState): void
  /** A last check once the bytes were read; what it throws refuses them. */
  afterReading?(): Promise<void>
}

const textConfig = (world: World, manifest: Manifest): Readonly<Record<string, string>> => {
  const values = (Object.hasOwn(world.config, manifest.name) ? world.config[manifest.name] : undefined) ?? {}
  if (manifest.config !== undefined) {
    const outcome = validate(compileSchema(manifest.config), values)
    if (!outcome.ok) {
      const lines = outcome.issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
      throw new BulkheadError(
        'config.invalid',
        `the configuration of ${manifest.name} does not fit its schema: ${lines}`,
      )
    }
  }
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

/**
 * Reads, checks and loads a plugin. On failure everything is undone and the state is `error`.
 * @throws BulkheadError `artifact.*`, `manifest.*`, `engine.incompatible`, `runtime.missing`, `limit.*`
 */
export const openLoadedCopy = async (
  plugin: LocatedPlugin,
  world: World,
  options: LoadedCopyOptions,
): Promise<LoadedCopy> => {
  const { manifest } = plugin
  const lifecycle = openLifecycle(manifest.name)
  const go = (to: PluginState): void => {
    const from = lifecycle.state
    lifecycle.transitionTo(to)
    options.onState(from, to)
  }
  const startedAt = world.clock.monotonic()
  let registered: Principal | undefined
  let loaded: LoadedPlugin | undefined
  const processes: { last?: ProcessFacts } = {}
  try {
    go('validating')
    if (manifest.engine !== undefined) checkEngine(manifest.engine, hostVersion)
    const limits = effectiveLimits(manifest, world.policy, options.subject)
    const boundary = tighterBoundary(manifest, world.policy, await world.usualBoundary.find(manifest.execution.tier))
    const runtime = await world.runtimes.of(manifest.execution.tier)
    if (runtime === undefined) {
      throw new BulkheadError(
        'runtime.missing',
        `${manifest.name} is of the tier ${manifest.execution.tier}, which this build does not have`,
      )
    }
    const { artifact, principal } = await readArtifact(plugin)
    await options.afterReading?.()
    go('loading')
    world.gate.register(principal, {
      asks: manifest.asks.map((ask) => ask.capability),
      denies: manifest.denies,
      manifestless: plugin.manifestless,
    })
    registered = principal
    loaded = await runtime.load(artifact, {
      boundary,
      // Not the principal alone: a copy that takes another's place must find nothing in its jail of the one before.
      domain: `${principal.id} (generation ${options.generation})`,
      limits,
      principal,
      config: textConfig(world, manifest),
      functions: world.functions.names,
      features: effectiveFeatures(world.policy, options.subject),
      decideAccess: makeDecideAccess(world, { manifest, principal, limits, manifestless: plugin.manifestless }),
      onProcess: (facts) => {
        processes.last = facts
        world.audit
          .append(
            { type: 'process_started', result: 'info', principal: principal.id, plugin: manifest.name, details: facts },
            'lazy',
          )
          .catch(() => '')
      },
      signal: world.closing,
      care: options.care,
      log: (level, message) => world.log?.write({ time: world.clock.now(), level, plugin: manifest.name, message }),
    })
    await world.audit.append(
      {
        type: 'plugin_loaded',
        result: 'info',
        principal: principal.id,
        plugin: manifest.name,
        details: {
          digest: principal.digest,
          boundary: boundaryName(manifest, boundary),
          generation: options.generation,
        },
      },
      'lazy',
    )
    go('running')
    return makeCopy({
      manifest,
      world,
      principal,
      limits,
      boundary,
      loaded,
      go,
      generation: options.generation,
      latestStart: () => options.latestStart(),
      crashed: (error, beganMs) => options.crashed(error, beganMs),
      loadMs: world.clock.monotonic() - startedAt,
      processes,
    })
  } catch (thrown) {
    if (registered !== undefined) world.gate.unregister(registered)
    await loaded?.[Symbol.asyncDispose]()
    go('error')
    throw asBulkheadError(thrown)
  }
}

interface CopyParts {
  readonly manifest: Manifest
  readonly world: World
  readonly principal: Principal
  readonly limits: Limits
  readonly boundary: Boundary
  readonly loaded: LoadedPlugin
  readonly loadMs: number
  readonly generation: number
  latestStart(): number
  crashed(error: BulkheadError, beganMs: number): void
  readonly processes: { readonly last?: ProcessFacts }
  go(to: PluginState): void
}

const makeCopy = (parts: CopyParts): LoadedCopy => {
  const { manifest, world, principal, loaded, go } = parts
  const actions = mergeActions(manifest, loaded.actions)
  const entries = new Map<string, ActionEntry>()
  let stopping = false
  let isOver = false
  const copy: LoadedCopy = {
    principal,
    limits: parts.limits,
    boundary: parts.boundary,
    loadMs: parts.loadMs,
    generation: parts.generation,
    get latestStart() {
      return parts.latestStart()
    },
    actions,
    loaded,
    get lastProcess() {
      return parts.processes.last
    },
    running: 0,
    get stopping() {
      return stopping
    },
    get isOver() {
      return isOver
    },
    crashed: (error, beganMs) => {
      if (!stopping) parts.crashed(error, beganMs)
    },
    takeCall: makeRateLimit(manifest.name, parts.limits.ratePerSecond, world.clock),
    actionOf: (action) => {
      const known = entries.get(action)
      if (known !== undefined) return known
      const spec = Object.hasOwn(actions, action) ? actions[action] : undefined
      if (spec === undefined) return undefined
      const entry = { ...compileActionSchemas(spec), timeoutMs: spec.timeoutMs ?? Number.POSITIVE_INFINITY }
      entries.set(action, entry)
      return entry
    },
    stop: async (graceMs) => {
      stopping = true
      go('draining')
      const giveUpAt = world.clock.monotonic() + graceMs
      while (copy.running > 0 && world.clock.monotonic() < giveUpAt) {
        await new Promise<void>((resolve) => void world.clock.after(Math.min(10, graceMs), resolve))
      }
      go('stopping')
      await loaded[Symbol.asyncDispose]()
      isOver = true
      world.gate.unregister(principal)
      await world.audit
        .append(
          {
            type: 'plugin_unloaded',
            result: 'info',
            principal: principal.id,
            plugin: manifest.name,
            details: { generation: parts.generation },
          },
          'lazy',
        )
        .catch(() => '')
      go('stopped')
    },
  }
  return copy
}
