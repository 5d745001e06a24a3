// What `bulkhead show` does: one plugin, what it asks for and why, and what really holds for it here.

import type { Limits, PluginReport, PluginStatus } from '@bulkhead/host'
import { escapeLine, limitNames, limitSpecs, limitText } from '@bulkhead/host/terms'
import { withPlugin } from '../open-plugin.ts'
import { actionLines } from '../output/actions.ts'
import { factsText, heading } from '../output/facts.ts'
import { proseLine } from '../output/prose.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'

const limitFacts = (limits: Limits): (readonly [string, string])[] =>
  limitNames.map((name) => [name, limitText(name, limits[limitSpecs[name].field])])

/** Of a plugin that has not crashed there is nothing to say. */
const healthText = ({ health, generation, restarts }: PluginStatus): string | undefined => {
  const { state, crashes, retryAfterMs, reason } = health
  if (state === 'healthy' && crashes === 0) return undefined
  return [
    state,
    `${crashes} ${crashes === 1 ? 'crash' : 'crashes'} lately`,
    `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}, generation ${generation}`,
    ...(retryAfterMs === undefined ? [] : [`may start again in ${retryAfterMs} ms`]),
    ...(reason === undefined ? [] : [`${reason.code}: ${reason.message}`]),
  ].join('; ')
}

const showText = (
  status: PluginStatus,
  report: PluginReport,
  warnings: readonly string[],
  session: Session,
): string => {
  const { out } = session.colors
  const { manifest } = status
  const { execution } = manifest
  const language = execution.language === undefined ? '' : ` (${execution.language})`
  const lines = [
    `${out.bold(escapeLine(status.id))} ${escapeLine(manifest.version)}  ${out.dim(manifest.type)}`,
    ...(manifest.description === undefined ? [] : [proseLine(manifest.description)]),
    '',
    ...factsText(
      [
        ['author', manifest.author],
        ['license', manifest.license],
        ['homepage', manifest.homepage],
        ['path', status.path],
        ['from', `${status.origin}${status.enabled ? '' : ', disabled'}`],
        ['principal', status.principal],
        ['digest', status.digest ?? report.digest],
        ['state', status.state],
        ['health', healthText(status)],
        [
          'last error',
          status.lastError === undefined ? undefined : `${status.lastError.code}: ${status.lastError.message}`,
        ],
      ],
      out,
    ),
    heading('Runs as', out),
    ...factsText(
      [
        ['tier', `${execution.tier}${language}`],
        ['entry', execution.entry],
        ['boundary', status.boundary],
        ['isolation', status.isolation],
      ],
      out,
    ),
    heading('Limits', out),
    ...factsText(limitFacts(status.limits), out),
    heading('Asks for', out),
    ...(manifest.asks.length === 0
      ? ['  nothing: it can compute and log']
      : manifest.asks.flatMap((ask) => [
          `  ${out.bold(escapeLine(ask.capability))}${ask.optional === true ? out.dim('  optional') : ''}`,
          ...(ask.reason === undefined ? [] : [out.dim(`      ${proseLine(ask.reason)}`)]),
        ])),
    ...manifest.denies.map((deny) => `  ${out.dim('renounces')} ${escapeLine(deny)}`),
    heading('Is granted', out),
    ...(status.grants.length === 0 ? ['  nothing'] : status.grants.map((grant) => `  ${escapeLine(grant)}`)),
    ...(warnings.length === 0
      ? []
      : [heading('Warnings', out), ...warnings.map((text) => `  ${out.yellow('!')} ${escapeLine(text)}`)]),
    heading('Actions', out),
    ...actionLines(status.actions, out),
  ]
  return `${lines.join('\n')}\n`
}

/** Shows it; it is loaded only where nothing else tells its actions. */
export const showPlugin = async (session: Session, name: string): Promise<Report> =>
  withPlugin(session, name, {}, async (host, plugin) => {
    const notes: string[] = []
    if (Object.keys(plugin.status.actions).length === 0) {
      // Only the artifact knows its actions.
      await host.loadPlugin(plugin.status.path).catch((thrown: unknown) => {
        notes.push(
          `the actions are not known: ${escapeLine(thrown instanceof Error ? thrown.message : String(thrown))}`,
        )
      })
    }
    const { status } = plugin
    const report = await session.library.inspectPlugin(status.path)
    const warnings = [...new Set([...status.warnings, ...report.warnings])]
    return {
      json: { plugin: { ...status, digest: status.digest ?? report.digest ?? null, warnings } },
      text: showText(status, report, warnings, session),
      notes,
    }
  })
