// Opens a host: wires ports, gate, door, services and runtimes together, and finds the plugins. All the deciding is
// done elsewhere; this file only connects.

import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type ApprovePort,
  asBulkheadError,
  BulkheadError,
  makeDispatcher,
  makeFunctionTable,
  makeGate,
  type Runtime,
  resolveDependencies,
  type Tier,
} from '@bulkhead/kernel'
import { makeScriptRuntime } from '@bulkhead/runtime-script'
import { makeWasmRuntime } from '@bulkhead/runtime-wasm'
import type { Host, HostOptions, SkippedPlugin } from './api.ts'
import { openAuditLog } from './audit/audit-node.ts'
import type { CallClock } from './call/call-clock.ts'
import { describeTable } from './describe.ts'
import { nodeClock } from './edge/clock-node.ts'
import { nodeCrypto } from './edge/crypto-node.ts'
import { openSignal } from './edge/signals-node.ts'
import { makeEventBus } from './events.ts'
import { grantsFor } from './grants.ts'
import { makeLoadedCache } from './loaded-cache.ts'
import { type Discovered, discoverFolder, discoverGiven, locateNamed } from './plugin/discover-node.ts'
import { type ManagedPlugin, makeManagedPlugin } from './plugin/managed-plugin.ts'
import { pluginWarnings } from './plugin/warnings.ts'
import type { World } from './plugin/world.ts'
import { checkPolicy } from './policy.ts'
import { chooseByName, makeRegistry } from './registry.ts'
import { openServices } from './services.ts'
import { openHome, resolveHome } from './state/home-node.ts'
import { isTrusted, projectFolderName } from './state/trust-node.ts'
import { resolveTaskType } from './task-type.ts'

/**
 * Opens a host. Dispose it (`await using`) to end every plugin, worker and handle.
 *
 * @throws BulkheadError `config.invalid`, `capability.invalid`, `home.unsafe`, `artifact.missing`, `manifest.*` for a
 *   plugin that `plugins` names itself; plugins inside a named folder are skipped with a reason instead
 */
export const openHost = async (options: HostOptions = {}): Promise<Host> => {
  await using opened = new AsyncDisposableStack()
  const env = options.env ?? process.env
  const policy = checkPolicy(options.policy)
  const home = await openHome(options.home === undefined ? resolveHome(env) : resolve(options.home))
  const workspaceRoot = await realpath(options.workspaceRoot ?? process.cwd())
  const events = makeEventBus(options.log)
  const closing = openSignal(nodeClock, {})

  const audit = opened.use(
    await openAuditLog({
      home,
      level: policy.audit?.level ?? 'verbose',
      failClosed: policy.audit?.failClosed ?? true,
      clock: nodeClock,
      crypto: nodeCrypto,
    }),
  )
  const services = opened.use(
    openServices({ home, env: { ...env, ...options.secrets }, log: options.log, clock: nodeClock }),
  )
  const functions = makeFunctionTable([...services.functions, ...(options.functions ?? [])])

  const registry = makeRegistry<ManagedPlugin>()
  const openCalls = new Map<string, CallClock>()
  const gate = makeGate({
    audit,
    clock: nodeClock,
    grants: { grantsFor: (principal) => grantsFor(policy, principal, registry.find(principal.name)?.info.origin) },
    policy: {
      ...(policy.workspaces === undefined ? {} : { workspaces: policy.workspaces }),
      ...(policy.users === undefined ? {} : { users: policy.users }),
      ...(policy.highRisk === undefined ? {} : { highRisk: policy.highRisk }),
      protectedPaths: { home },
      home: homedir(),
    },
    ...(options.approve === undefined ? {} : { approve: pausing(options.approve, openCalls) }),
    failClosed: policy.audit?.failClosed ?? true,
  })

  const runtimes = new Map<Tier, Runtime>()
  for (const runtime of [makeScriptRuntime(), makeWasmRuntime()]) runtimes.set(runtime.tier, opened.use(runtime))

  const cache = makeLoadedCache({
    maxPlugins: options.cache?.maxPlugins ?? 64,
    ttlMs: options.cache?.ttlMs ?? 600_000,
    unload: (name) => {
      registry
        .find(name)
        ?.unload()
        .catch((thrown: unknown) =>
          options.log?.write({
            time: Date.now(),
            level: 'error',
            plugin: name,
            message: asBulkheadError(thrown).message,
          }),
        )
    },
  })
  opened.use(cache)

  const world: World = {
    policy,
    workspaceRoot,
    clock: nodeClock,
    crypto: nodeCrypto,
    audit,
    gate,
    openSession: makeDispatcher({
      functions,
      gate,
      clock: nodeClock,
      crypto: nodeCrypto,
      hostCallSignal: (parent, ms) =>
        openSignal(nodeClock, {
          parents: [parent],
          afterMs: ms,
          timeoutReason: () =>
            new BulkheadError('limit.host-call-time', `a host call ran past its limit of ${Math.round(ms)} ms`),
        }),
    }),
    functions,
    runtimes,
    events,
    log: options.log,
    callLog: services.callLog,
    config: options.config ?? {},
    openCalls,
    closing: closing.signal,
    touch: cache.touch,
    forget: cache.forget,
  }

  const skipped: SkippedPlugin[] = []
  const skip = (entry: SkippedPlugin): void => {
    skipped.push(entry)
    events.emit('plugin:skipped', entry)
  }
  const add = (found: Discovered): ManagedPlugin => {
    const managed = makeManagedPlugin(found, world, {
      grantsOf: (info) => grantsFor(policy, { id: info.principal, name: info.id, digest: '' }, info.origin),
      warningsOf: pluginWarnings,
    })
    registry.set(managed.name, managed)
    return managed
  }
  for (const found of await findAll({ options, home, workspaceRoot, skip })) add(found)

  const plugin = (name: string): ManagedPlugin => {
    if (closing.signal.aborted) throw new BulkheadError('host.closed', 'the host is closed')
    const managed = registry.get(name)
    if (Object.keys(managed.info.manifest.dependencies).length > 0) {
      const { refused } = resolveDependencies(registry.all.map((entry) => entry.info.manifest))
      const refusal = refused.find((entry) => entry.name === name)
      if (refusal !== undefined) throw refusal.error
    }
    return managed
  }
  const resources = opened.move()
  let closed: Promise<void> | undefined
  return {
    call: async (name, action, input = null, callOptions = {}) =>
      (await plugin(name).invoke(action, { kind: 'value', value: input }, callOptions)).output,
    invoke: async (name, action, input = null, callOptions = {}) =>
      plugin(name).invoke(action, { kind: 'value', value: input }, callOptions),
    invokeRaw: async (name, action, bytes, callOptions = {}) => {
      const { output, metrics } = await plugin(name).invoke(action, { kind: 'raw', bytes }, callOptions)
      return { output: output as Uint8Array, metrics }
    },
    loadPlugin: async (source) => {
      const found = await locateNamed(source, 'given')
      const known = registry.find(found.plugin.manifest.name)
      if (known !== undefined && known.info.path !== found.plugin.path) {
        throw new BulkheadError(
          'config.invalid',
          `a plugin named "${known.name}" is known already, from ${known.info.path}`,
          { hint: 'Unload it first, or rename one.' },
        )
      }
      if (known !== undefined) await known.unload()
      const managed = add(found)
      await plugin(managed.name).load()
      return managed.info
    },
    unloadPlugin: (id) => registry.get(id).unload(),
    getPluginStatus: (id) => registry.get(id).status,
    sendMessage: async (id, message, callOptions = {}) =>
      (await plugin(id).invoke('on_message', { kind: 'value', value: message }, callOptions)).output,
    listPlugins: () => registry.all.map((entry) => entry.info),
    skipped,
    resolveTask: (taskType) => resolveTaskType(taskType, registry),
    on: events.on,
    describeFunctions: () => describeTable(functions),
    [Symbol.asyncDispose]: () => {
      closed ??= (async () => {
        closing.abort(new BulkheadError('host.closed', 'the host was closed'))
        await Promise.all(registry.all.map((entry) => entry.unload(200)))
        await resources.disposeAsync()
      })()
      return closed
    },
  }
}

/** Waiting for a person stops the wall clock of the call that waits. */
const pausing =
  (approve: ApprovePort, openCalls: ReadonlyMap<string, CallClock>): ApprovePort =>
  async (question) => {
    using _pause = openCalls.get(question.callId)?.pause()
    return await approve(question)
  }

interface Search {
  readonly options: HostOptions
  readonly home: string
  readonly workspaceRoot: string
  skip(entry: SkippedPlugin): void
}

const findAll = async ({ options, home, workspaceRoot, skip }: Search): Promise<readonly Discovered[]> => {
  const searches = await Promise.all((options.plugins ?? []).map((path) => discoverGiven(path)))
  if (options.discover === true) {
    const trust = await isTrusted({ home, folder: workspaceRoot })
    const projectPlugins = join(workspaceRoot, projectFolderName, 'plugins')
    if (trust === 'trusted') searches.push(await discoverFolder(projectPlugins, 'project'))
    else if (trust !== 'absent') {
      skip({
        path: projectPlugins,
        error: new BulkheadError(
          'trust.required',
          `${projectPlugins} ${trust === 'changed' ? 'changed since it was trusted' : 'is not trusted'}, so nothing in it was read`,
          {
            hint: `Look at it, then run: bulkhead trust ${workspaceRoot}`,
          },
        ).toJSON(),
      })
    }
    searches.push(await discoverFolder(join(home, 'plugins'), 'home'))
  }
  for (const search of searches) for (const entry of search.skipped) skip(entry)
  const { chosen } = chooseByName(searches.flatMap((search) => search.found))
  return chosen
}
