// One known plugin: loads on demand, counts, and unloads. Owns at most one loaded copy at a time.

import { asBulkheadError, BulkheadError, type PluginState, type WireError } from '@bulkhead/kernel'
import type { CallOptions, PluginInfo, PluginStatus } from '../api.ts'
import { type CallRequest, type CallResult, runCall } from '../call/run-call.ts'
import { effectiveLimits } from '../policy.ts'
import type { Discovered } from './discover-node.ts'
import { type LoadedCopy, openLoadedCopy } from './loaded-copy.ts'
import { principalId } from './read-artifact-node.ts'
import type { World } from './world.ts'

/** A plugin that the host manages. */
export interface ManagedPlugin {
  readonly name: string
  readonly info: PluginInfo
  readonly status: PluginStatus
  /** Loads it unless it is loaded. @returns ms spent loading, 0 when it was */
  load(): Promise<number>
  invoke(action: string, input: CallRequest['input'], options: CallOptions): Promise<CallResult>
  /** Drains and stops the loaded copy, if there is one. */
  unload(graceMs?: number): Promise<void>
}

/** What the status tells of grants and warnings. */
export interface StatusSources {
  grantsOf(plugin: PluginInfo): readonly string[]
  warningsOf(found: Discovered): readonly string[]
}

/** Makes the manager of one plugin. */
export const makeManagedPlugin = (found: Discovered, world: World, sources: StatusSources): ManagedPlugin => {
  const { plugin } = found
  const { manifest } = plugin
  const name = manifest.name
  let state: PluginState = 'discovered'
  let copy: LoadedCopy | undefined
  let loading: Promise<LoadedCopy> | undefined
  let stopping: Promise<void> | undefined
  let callsDone = 0
  let callsFailed = 0
  let lastError: WireError | undefined

  const info = (): PluginInfo => ({
    id: name,
    manifest,
    path: plugin.path,
    origin: found.origin,
    enabled: found.enabled,
    state,
    principal: copy?.principal.id ?? principalId(plugin),
    ...(copy === undefined ? {} : { digest: copy.principal.digest }),
  })

  const acquire = async (): Promise<LoadedCopy> => {
    if (copy !== undefined) return copy
    if (world.closing.aborted) throw new BulkheadError('host.closed', 'the host is closed')
    if (!found.enabled) throw new BulkheadError('plugin.disabled', `${name} is disabled`)
    loading ??= openLoadedCopy(plugin, world, (from, to) => {
      state = to
      world.events.emit('plugin:state', { id: name, from, to })
    })
      .then((loaded) => {
        copy = loaded
        world.events.emit('plugin:loaded', { id: name, loadMs: loaded.loadMs })
        return loaded
      })
      .catch((thrown: unknown) => {
        lastError = asBulkheadError(thrown).toJSON()
        throw thrown
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }

  const unload = async (graceMs = manifest.lifecycle.gracefulShutdownTimeoutMs): Promise<void> => {
    await loading?.catch(() => {})
    const stopped = copy
    if (stopped === undefined) return stopping
    copy = undefined
    world.forget(name)
    stopping = stopped.stop(graceMs).finally(() => {
      stopping = undefined
    })
    await stopping
    world.events.emit('plugin:unloaded', { id: name })
  }

  return {
    name,
    get info() {
      return info()
    },
    get status() {
      const limits = copy?.limits ?? effectiveLimits(manifest, world.policy)
      return {
        ...info(),
        boundary: copy?.boundary ?? manifest.execution.boundary ?? world.policy.boundary ?? 'thread',
        isolation: manifest.execution.isolation,
        limits,
        grants: sources.grantsOf(info()),
        warnings: sources.warningsOf(found),
        callsRunning: copy?.running ?? 0,
        callsDone,
        callsFailed,
        ...(lastError === undefined ? {} : { lastError }),
        actions: copy?.actions ?? manifest.actions,
      }
    },
    load: async () => {
      if (copy !== undefined) return 0
      const loaded = await acquire()
      world.touch(name)
      return loaded.loadMs
    },
    invoke: async (action, input, options) => {
      const wasLoaded = copy !== undefined
      const ready = await acquire()
      world.touch(name)
      try {
        const result = await runCall(world, ready, {
          plugin: name,
          action,
          input,
          options,
          loadMs: wasLoaded ? 0 : ready.loadMs,
        })
        callsDone++
        return result
      } catch (thrown) {
        callsFailed++
        lastError = asBulkheadError(thrown).toJSON()
        throw thrown
      }
    },
    unload,
  }
}
