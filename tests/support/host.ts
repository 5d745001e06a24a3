// A host over the plugins of a temporary workspace, and the script plugins to put there.

import { type Host, type HostOptions, openHost, queryAudit } from '@bulkhead/host'
import type { Workspace } from './workspace.ts'

/** Writes a script plugin into a folder of the workspace (`plugins` when absent). `more` is YAML at the top level. */
export const writeScript = async (
  workspace: Workspace,
  name: string,
  plugin: {
    readonly source: string
    readonly more?: string
    readonly version?: string
    readonly execution?: string
    readonly folder?: string
  },
): Promise<string> => {
  const { source, more = '', version = '1.0.0', execution = '', folder = 'plugins' } = plugin
  const at = `${folder}/${name}`
  await workspace.write(
    `${at}/plugin.yaml`,
    `manifest: 1\nname: ${name}\nversion: ${version}\ntype: tool\nexecution: { tier: script, entry: index.js${execution === '' ? '' : `, ${execution}`} }\n${more}\n`,
  )
  await workspace.write(`${at}/index.js`, source)
  return `${workspace.path}/${at}`
}

/** Opens a host over the workspace's `plugins` folder, unless the options say otherwise. */
export const openWorkspaceHost = (workspace: Workspace, options: HostOptions = {}): Promise<Host> =>
  openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    ...options,
  })

/** The audit records of a home that fit the filter, oldest first. */
export const auditRecords = async (...query: Parameters<typeof queryAudit>) => {
  const records = []
  for await (const record of queryAudit(...query)) records.push(record)
  return records
}

/** A promise that a host function of the test waits for. */
export interface Latch {
  /** Settles when somebody waits. */
  readonly reached: Promise<void>
  open(): void
  wait(): Promise<void>
}

/** Makes a closed latch. */
export const makeLatch = (): Latch => {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return {
    reached: reached.promise,
    open: opened.resolve,
    wait: () => {
      reached.resolve()
      return opened.promise
    },
  }
}
