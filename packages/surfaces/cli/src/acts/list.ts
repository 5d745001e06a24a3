// What `bulkhead list` does: what is installed here, and what was found and could not be used.

import { join } from 'node:path'
import type { PluginInfo, SkippedPlugin } from '@bulkhead/host'
import { escapeLine } from '@bulkhead/host/terms'
import { indented } from '../output/errors.ts'
import { tableText } from '../output/table.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'

const stateOf = (plugin: PluginInfo): string => (plugin.enabled ? plugin.state : 'disabled')

const toJson = (plugin: PluginInfo): Readonly<Record<string, unknown>> => ({
  name: plugin.id,
  version: plugin.manifest.version,
  type: plugin.manifest.type,
  tier: plugin.manifest.execution.tier,
  state: plugin.state,
  enabled: plugin.enabled,
  origin: plugin.origin,
  path: plugin.path,
  principal: plugin.principal,
  description: plugin.manifest.description ?? '',
})

const skippedNote = (skipped: SkippedPlugin, session: Session): string => {
  const { err } = session.colors
  const hint = skipped.error.hint === undefined ? '' : `\n  ${err.dim(`hint: ${escapeLine(skipped.error.hint)}`)}`
  return `${err.yellow('skipped')} ${escapeLine(skipped.path)}: ${indented(skipped.error.message)}${hint}`
}

const emptyText = (session: Session): string =>
  [
    'No plugins are installed.',
    `Put a plugin folder in ${escapeLine(join(session.home, 'plugins'))}, or run one by its path: bulkhead run ./my-plugin`,
    '',
  ].join('\n')

/** Lists them, by name. */
export const listPlugins = async (session: Session): Promise<Report> => {
  await using host = await session.library.openHost({
    home: session.home,
    discover: true,
    workspaceRoot: session.io.cwd,
    env: session.io.env,
  })
  const plugins = [...host.listPlugins()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const { out } = session.colors
  const text =
    plugins.length === 0
      ? emptyText(session)
      : await tableText(
          plugins,
          [
            { head: 'NAME', cell: (plugin) => plugin.id, paint: (cell) => out.bold(cell) },
            { head: 'VERSION', cell: (plugin) => plugin.manifest.version, most: 24 },
            { head: 'TYPE', cell: (plugin) => plugin.manifest.type },
            { head: 'TIER', cell: (plugin) => plugin.manifest.execution.tier },
            { head: 'STATE', cell: stateOf, paint: (cell, plugin) => (plugin.enabled ? cell : out.dim(cell)) },
            { head: 'FROM', cell: (plugin) => plugin.origin },
            { head: 'DESCRIPTION', cell: (plugin) => plugin.manifest.description ?? '' },
          ],
          { colors: out, ...(session.io.stdout.columns === undefined ? {} : { width: session.io.stdout.columns }) },
        )
  return {
    json: { plugins: plugins.map((plugin) => toJson(plugin)), skipped: host.skipped },
    text,
    notes: host.skipped.map((skipped) => skippedNote(skipped, session)),
  }
}
