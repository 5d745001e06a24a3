// Opens a host for one plugin that a person named, with this invocation's grants and limits, and closes it again.

import { resolve } from 'node:path'
import type { Host, Limits, LogEntry, LogLevel, PluginStatus, WasmFeatures } from '@bulkhead/host'
import { BulkheadError, escapeBlock, escapeLine } from '@bulkhead/host/terms'
import { approverFor } from './approvals.ts'
import { idleGrants } from './grant.ts'
import type { Progress } from './io.ts'
import { pathOf } from './plugin-name.ts'
import type { Session } from './session.ts'
import { explainUnknown, skippedError } from './unknown-plugin.ts'
import { usageError } from './usage.ts'

/** What this invocation asks for. */
export interface Opening {
  readonly grants?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Parts of WebAssembly to turn on. */
  readonly features?: readonly (keyof WasmFeatures)[]
  readonly boundary?: 'inline' | 'thread' | 'jail' | undefined
  readonly logLevel?: LogLevel
  /** Folder of the note vault; the working folder when absent. */
  readonly notes?: string | undefined
}

/** The plugin that was named, in an open host. */
export interface OpenedPlugin {
  readonly id: string
  readonly status: PluginStatus
  /** The plugin's only action, loading it if its manifest names none. @throws BulkheadError `usage.invalid` otherwise */
  onlyAction(): Promise<string>
}

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

// Tabs stay: Lua's `print` sets them between values.
const oneLine = (message: string): string => escapeBlock(message, 4000).replaceAll('\n', '\\x0a')

const logLine = (entry: LogEntry, session: Session): string => {
  const { err } = session.colors
  const paint = entry.level === 'error' ? err.red : entry.level === 'warn' ? err.yellow : err.dim
  const plugin = entry.plugin === undefined ? '' : `${escapeLine(entry.plugin, 80)}: `
  return `${paint(entry.level.padEnd(5))} ${plugin}${oneLine(entry.message)}\n`
}

const idleText = (id: string, grant: string, asks: readonly string[]): string =>
  `${id} does not ask for ${grant} in its manifest: this grant allows nothing (it asks for ${asks.slice(0, 5).join(', ')}${asks.length > 5 ? ', …' : ''})`

const onlyActionOf = async (host: Host, id: string): Promise<string> => {
  let names = Object.keys(host.getPluginStatus(id).actions)
  if (names.length === 0) {
    await host.loadPlugin(host.getPluginStatus(id).path)
    names = Object.keys(host.getPluginStatus(id).actions)
  }
  const [first, second] = names
  if (first !== undefined && second === undefined) return first
  if (first === undefined) throw usageError(`${id} names no actions`, `Name one: bulkhead run ${id} <action>.`)
  throw usageError(
    `${id} has ${names.length} actions: name one of them`,
    `Its actions: ${names.slice(0, 20).join(', ')}.`,
  )
}

/** The name in this host of the plugin that a person named. @throws BulkheadError `plugin.unknown` */
const nameIn = async (session: Session, host: Host, name: string, path: string | undefined): Promise<string> => {
  if (path !== undefined) return onlyPluginOf(host, path)
  try {
    return host.getPluginStatus(name).id
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || thrown.code !== 'plugin.unknown') throw thrown
    throw await explainUnknown(session, host, thrown, name)
  }
}

const onlyPluginOf = (host: Host, path: string): string => {
  const [info, second] = host.listPlugins()
  if (info !== undefined && second === undefined) return info.id
  const [skipped] = host.skipped
  if (info === undefined && skipped !== undefined) throw skippedError(skipped)
  if (info === undefined) throw new BulkheadError('manifest.missing', `${path} holds no plugin`)
  throw usageError(`${path} holds several plugins`, 'Name the folder of one of them.')
}

/**
 * Which plugins to open, and whose name the grants go under. A person who names a plugin together with grants means
 * this very one, so it is given to the host by its path: what is merely found in a project inherits no grant by name.
 */
const whereIs = async (
  session: Session,
  name: string,
  options: { readonly home: string; readonly granting: boolean },
) => {
  const path = pathOf(name, session.io.cwd)
  if (path !== undefined) {
    const grantee = options.granting ? (await session.library.inspectPlugin(path)).manifest?.name : undefined
    return { path, search: { plugins: [path] }, grantee }
  }
  if (!options.granting) return { path, search: { discover: true }, grantee: undefined }
  const found = await session.library.findInstalled(name, { home: options.home, workspaceRoot: session.io.cwd })
  const plugins = found === undefined ? [] : [found.path]
  return { path, search: { discover: true, plugins }, grantee: name }
}

/** Runs `use` with the named plugin. @throws BulkheadError as openHost; `plugin.unknown` with the nearest names */
export const withPlugin = async <T>(
  session: Session,
  name: string,
  opening: Opening,
  use: (host: Host, plugin: OpenedPlugin) => Promise<T>,
): Promise<T> => {
  using progress: Progress = session.io.startProgress(`running ${escapeLine(name, 80)}`)
  const least = levels.indexOf(opening.logLevel ?? 'warn')
  const approve = approverFor(session, progress)
  const { home } = session
  const grants = opening.grants ?? []
  const { path, search, grantee } = await whereIs(session, name, { home, granting: grants.length > 0 })
  await using host = await session.library.openHost({
    ...search,
    home,
    workspaceRoot: session.io.cwd,
    env: session.io.env,
    ...(opening.notes === undefined ? {} : { notes: { folder: resolve(session.io.cwd, opening.notes) } }),
    policy: {
      ...(opening.boundary === undefined ? {} : { boundary: opening.boundary }),
      ...(opening.limits === undefined ? {} : { limits: opening.limits }),
      ...(opening.features === undefined || opening.features.length === 0
        ? {}
        : { features: Object.fromEntries(opening.features.map((feature) => [feature, true])) }),
      ...(grantee === undefined ? {} : { grants: { [grantee]: grants } }),
    },
    ...(approve === undefined ? {} : { approve }),
    log: {
      write: (entry) => {
        if (levels.indexOf(entry.level) >= least) progress.write(logLine(entry, session))
      },
    },
  })
  const id = await nameIn(session, host, name, path)
  const asks = host.getPluginStatus(id).manifest.asks.map(({ capability }) => capability)
  for (const grant of idleGrants(grants, asks)) {
    progress.write(`${session.colors.err.yellow('warning')} ${escapeLine(idleText(id, grant, asks))}\n`)
  }
  return await use(host, {
    id,
    get status() {
      return host.getPluginStatus(id)
    },
    onlyAction: () => onlyActionOf(host, id),
  })
}
