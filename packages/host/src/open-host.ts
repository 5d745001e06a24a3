// Opens a host: the public face over a world of plugins. Each call goes to the plugin that it names; nothing is decided
// here.

import { BulkheadError, resolveDependencies } from '@bulkhead/kernel'
import type { CallOptions, Host, HostOptions } from './api.ts'
import type { SkippedPlugin } from './host-events.ts'
import { checkOptions } from './check-options.ts'
import { describeTable } from './describe.ts'
import { findPlugins } from './find-plugins.ts'
import { grantsFor } from './grants.ts'
import { openWorld } from './open-world.ts'
import { type Discovered, locateNamed } from './plugin/discover-node.ts'
import { HotReload } from './plugin/hot-reload.ts'
import { type ManagedPlugin, type ManagedPluginOptions, makeManagedPlugin } from './plugin/managed-plugin.ts'
import { Reloads } from './plugin/reload.ts'
import { pluginWarnings } from './plugin/warnings.ts'
import { makeRegistry } from './registry.ts'
import { resolveTaskType } from './task-type.ts'

const noOptions: CallOptions = Object.freeze({})

/**
 * Opens a host. Dispose it (`await using`) to end every plugin, worker and handle.
 *
 * @throws BulkheadError `config.invalid`, `capability.invalid`, `home.unsafe`, `artifact.missing`, `manifest.*` for a
 *   plugin that `plugins` names itself; plugins inside a named folder are skipped with a reason instead
 */
export const openHost = async (options: HostOptions = {}): Promise<Host> => {
  await using opened = new AsyncDisposableStack()
  const registry = makeRegistry<ManagedPlugin>()
  const { world, home, storage, closing } = opened.use(await openWorld(checkOptions(options), registry))

  const skipped: SkippedPlugin[] = []
  const skip = (entry: SkippedPlugin): void => {
    skipped.push(entry)
    world.events.emit('plugin:skipped', entry)
  }
  const make = (found: Discovered, before: Partial<ManagedPluginOptions>): ManagedPlugin =>
    makeManagedPlugin(found, world, {
      grantsOf: (info) => grantsFor(world.policy, { id: info.principal, name: info.id, digest: '' }, info.origin),
      warningsOf: pluginWarnings,
      ...before,
    })
  const add = (found: Discovered, before: Partial<ManagedPluginOptions> = {}): ManagedPlugin => {
    const managed = make(found, before)
    registry.set(managed.name, managed)
    return managed
  }
  const chosen = await findPlugins({ options, home, workspaceRoot: world.workspaceRoot, skip })
  for (const found of chosen) add(found)
  // Those that somebody named are about to be called, and no call of theirs is to wait for code of ours.
  const tiers = new Set(
    chosen.flatMap(({ origin, plugin: { manifest } }) => (origin === 'given' ? [manifest.execution.tier] : [])),
  )
  await Promise.all([...tiers].map((tier) => world.runtimes.of(tier)))

  const requireOpen = (): void => {
    if (world.closing.aborted) throw new BulkheadError('host.closed', 'the host is closed')
  }
  const plugin = (name: string): ManagedPlugin => {
    requireOpen()
    const managed = registry.get(name)
    if (managed.hasDependencies) {
      const { refused } = resolveDependencies(registry.all.map((entry) => entry.info.manifest))
      const refusal = refused.find((entry) => entry.name === name)
      if (refusal !== undefined) throw refusal.error
    }
    return managed
  }
  const reloads = new Reloads({
    world,
    registry,
    find: plugin,
    make: (found, { generations }) => make(found, { generations }),
  })
  const hotReload =
    options.watch === true
      ? opened.use(new HotReload({ world, registry, reload: (name) => reloads.reload(name) }))
      : undefined
  const resources = opened.move()
  let closed: Promise<void> | undefined
  return {
    call: async (name, action, input = null, callOptions = noOptions) => {
      const result = plugin(name).invoke(action, { kind: 'value', value: input }, callOptions)
      return (result instanceof Promise ? await result : result).output
    },
    invoke: async (name, action, input = null, callOptions = noOptions) =>
      plugin(name).invoke(action, { kind: 'value', value: input }, callOptions),
    invokeRaw: async (name, action, bytes, callOptions = noOptions) => {
      const result = plugin(name).invoke(action, { kind: 'raw', bytes }, callOptions)
      const { output, metrics } = result instanceof Promise ? await result : result
      return { output: output as Uint8Array, metrics }
    },
    loadPlugin: async (source) => {
      requireOpen()
      const located = await locateNamed(source, 'given')
      const known = registry.find(located.plugin.manifest.name)
      // Loading a project's plugin again does not make it one that the embedding program vouches for.
      const found = { ...located, origin: known?.info.origin ?? located.origin }
      if (known !== undefined && known.info.path !== found.plugin.path) {
        throw new BulkheadError(
          'config.invalid',
          `a plugin named "${known.name}" is known already, from ${known.info.path}`,
          { hint: 'Rename one of them, or open another host for it.' },
        )
      }
      const managed = add(
        found,
        known === undefined ? {} : { predecessor: known.retire(), generations: known.generations },
      )
      await plugin(managed.name).load()
      return managed.info
    },
    reloadPlugin: (id) => reloads.reload(id),
    unloadPlugin: (id) => registry.get(id).unload(),
    getPluginStatus: (id) => registry.get(id).status,
    sendMessage: async (id, message, callOptions = {}) =>
      (await plugin(id).invoke('on_message', { kind: 'value', value: message }, callOptions)).output,
    listPlugins: () => registry.all.map((entry) => entry.info),
    skipped,
    resolveTask: (taskType) => resolveTaskType(taskType, registry),
    on: world.events.on,
    storage,
    describeFunctions: () => describeTable(world.functions),
    [Symbol.asyncDispose]: () => {
      closed ??= (async () => {
        closing.end(new BulkheadError('host.closed', 'the host was closed'))
        await hotReload?.[Symbol.asyncDispose]()
        await reloads.settled()
        await Promise.all(registry.all.map((entry) => entry.unload(200)))
        await resources.disposeAsync()
      })()
      return closed
    },
  }
}
