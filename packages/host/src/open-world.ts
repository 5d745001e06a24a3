// Wires ports, gate, door, services and runtimes together into what every plugin of one host shares. All the deciding is
// done elsewhere; this file only connects.

import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import {
  type ApprovePort,
  BulkheadError,
  Deadlines,
  defaultSupervision,
  makeDispatcher,
  makeFunctionTable,
  makeGate,
  OwnedLifetime,
  type Principal,
  Roster,
} from '@bulkhead/kernel'
import { codeCachePaths, openCells } from '@bulkhead/cell'
import type { HostOptions } from './api.ts'
import { openAuditLog } from './audit/audit-node.ts'
import { makeBundleApart } from './edge/bundle-apart.ts'
import { nodeClock } from './edge/clock-node.ts'
import { nodeCrypto } from './edge/crypto-node.ts'
import { makeJailPort } from './edge/jail-node.ts'
import { makeEventBus } from './events.ts'
import { grantsFor } from './grants.ts'
import { makeLoadedCache } from './loaded-cache.ts'
import type { ManagedPlugin } from './plugin/managed-plugin.ts'
import { shareRegistrations } from './plugin/shared-registrations.ts'
import type { OpenCall, World } from './plugin/world.ts'
import { checkPolicy, present } from './policy.ts'
import type { Registry } from './registry.ts'
import { openServices } from './services.ts'
import { makeStorage, type PluginStorage } from './storage.ts'
import { makeTierRuntimes } from './tier-runtimes.ts'
import { makeUsualBoundary } from './usual-boundary.ts'
import { openHome, resolveHome } from './state/home-node.ts'
import { isTrusted } from './state/trust-node.ts'
import { resolveWorkspaceRoots } from './state/workspace-roots-node.ts'

/** An open world; disposing ends runtimes, services and the audit log, in that order. */
export interface OpenWorld extends AsyncDisposable {
  readonly world: World
  /** Real path of the state folder. */
  readonly home: string
  readonly storage: PluginStorage
  /** Aborting it ends every call. */
  readonly closing: OwnedLifetime
}

/** @throws BulkheadError `config.invalid`, `capability.invalid`, `home.unsafe`, `audit.unavailable` */
export const openWorld = async (options: HostOptions, registry: Registry<ManagedPlugin>): Promise<OpenWorld> => {
  await using opened = new AsyncDisposableStack()
  const env = options.env ?? process.env
  const policy = await resolveWorkspaceRoots(checkPolicy(options.policy))
  const failClosed = policy.audit?.failClosed ?? true
  const home = await openHome(options.home === undefined ? resolveHome(env) : resolve(options.home))
  const workspaceRoot = await realpath(options.workspaceRoot ?? process.cwd())
  const closing = new OwnedLifetime(() => new AbortController())
  const deadlines = opened.use(new Deadlines(nodeClock))

  const audit = opened.use(
    await openAuditLog({
      home,
      level: policy.audit?.level ?? 'verbose',
      failClosed,
      clock: nodeClock,
      crypto: nodeCrypto,
    }),
  )
  const visibleEnv = { ...env, ...options.secrets }
  const notes = await notesFolder(options)
  const { stateStore, log } = options
  const services = opened.use(openServices({ home, env: visibleEnv, log, clock: nodeClock, audit, notes, stateStore }))
  const functions = makeFunctionTable([...services.functions, ...(options.functions ?? [])])
  const openCalls = new Roster<OpenCall>()
  const grantsOf = (principal: Principal): readonly string[] =>
    grantsFor(policy, principal, registry.find(principal.name)?.info.origin)
  const gate = makeGate({
    audit,
    clock: nodeClock,
    grants: { grantsFor: grantsOf },
    policy: {
      ...(policy.workspaces === undefined ? {} : { workspaces: policy.workspaces }),
      ...(policy.users === undefined ? {} : { users: policy.users }),
      ...(policy.highRisk === undefined ? {} : { highRisk: policy.highRisk }),
      protectedPaths: { home, code: codeOf(registry) },
      home: homedir(),
    },
    ...(options.approve === undefined ? {} : { approve: pausing(options.approve, openCalls) }),
    failClosed,
  })
  const cells = opened.use(
    openCells({
      cache: codeCachePaths(home),
      jails: makeJailPort(),
      threads: options.threads,
      spareJails: options.spareJails,
    }),
  )
  const runtimes = opened.use(
    makeTierRuntimes({ cells, bundleApart: makeBundleApart(cells), network: services.network }),
  )
  const cache = opened.use(
    makeLoadedCache({ ...cacheBounds(options), unload: (name) => registry.find(name)?.release() }),
  )

  const world: World = {
    policy,
    workspaceRoot,
    clock: nodeClock,
    crypto: nodeCrypto,
    random: Math.random,
    supervision: { ...defaultSupervision, ...present(options.supervision ?? {}) },
    audit,
    gate: { decide: gate.decide, foresee: gate.foresee, ...shareRegistrations(gate) },
    grantsFor: grantsOf,
    env: visibleEnv,
    openSession: makeDispatcher({
      functions,
      gate,
      clock: nodeClock,
      crypto: nodeCrypto,
      deadlines,
      makeSignal: () => new AbortController(),
    }),
    functions,
    runtimes,
    usualBoundary: makeUsualBoundary(cells, { log: options.log, clock: nodeClock }),
    events: makeEventBus(options.log),
    log: options.log,
    callLog: services.callLog,
    config: options.config ?? {},
    deadlines,
    openCalls,
    closing: closing.signal,
    requireTrust: async () => {
      if ((await isTrusted({ home, folder: workspaceRoot })) === 'trusted') return
      throw new BulkheadError('trust.required', `the project folder of ${workspaceRoot} changed since it was trusted`, {
        hint: `Look at it, then run: bulkhead trust ${workspaceRoot}`,
      })
    },
    touch: cache.touch,
    forget: cache.forget,
  }
  closing.onEnd((error) => {
    for (const { clock } of openCalls) clock.end(error)
  })
  const storage = makeStorage({
    store: services.store,
    audit,
    workspaceRoot,
    plugins: () => registry.all.map(({ info }) => info),
    principalOf: (name) => registry.get(name).info.principal,
  })
  const resources = opened.move()
  return { world, home, storage, closing, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** A vault that somebody named must be there: a slip of the pen would else show an empty one. @throws BulkheadError `config.invalid` */
const notesFolder = async ({ notes = {} }: HostOptions): Promise<NonNullable<HostOptions['notes']>> => {
  if (notes.folder === undefined) return notes
  const folder = await realpath(notes.folder).catch(() => undefined)
  if (folder !== undefined && (await stat(folder)).isDirectory()) return { ...notes, folder }
  throw new BulkheadError('config.invalid', `notes.folder: ${notes.folder} is no folder`, {
    hint: 'Make it, or name the folder of your notes.',
  })
}

/** Where the plugins' code is, those that come later among them. */
const codeOf = (registry: Registry<ManagedPlugin>): Iterable<string> => ({
  *[Symbol.iterator]() {
    for (const plugin of registry.all) yield* plugin.code
  },
})

const cacheBounds = ({ cache = {} }: HostOptions): { maxPlugins: number; ttlMs: number } => {
  const { maxPlugins = 64, ttlMs = 600_000 } = cache
  if (Number.isSafeInteger(maxPlugins) && maxPlugins > 0 && ttlMs > 0) return { maxPlugins, ttlMs }
  throw new BulkheadError('config.invalid', 'cache.maxPlugins and cache.ttlMs must be positive numbers')
}

/** Waiting for a person stops the wall clock of the call that waits. */
const pausing =
  (approve: ApprovePort, openCalls: Iterable<OpenCall>): ApprovePort =>
  async (question) => {
    const asking = [...openCalls].find(({ context }) => context.callId === question.callId)
    using _pause = asking?.clock.pause()
    return await approve(question)
  }
