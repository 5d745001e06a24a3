// What a person should know before granting anything.

import { asBulkheadError, checkEngine, defaultLimits, makeCapabilitySet, type Manifest } from '@bulkhead/kernel'
import { hostVersion } from '../version.ts'
import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest, those on broad or dangerous asks among them; one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...new Set(found.plugin.warnings.map((warning) => warning.message)),
  ...raisedLimits(found.plugin.manifest),
  ...lackingHere(found.plugin.manifest),
  ...unreadWrites(found.plugin.manifest),
]

/** A plugin may be meant for another build, so what this one lacks is no fault of the manifest. */
const lackingHere = ({ engine, execution }: Manifest): string[] => {
  const { tier, protocol } = execution
  const lacks: string[] = []
  try {
    checkEngine(engine, hostVersion)
  } catch (thrown) {
    lacks.push(asBulkheadError(thrown).message)
  }
  if (tier !== 'script' && tier !== 'wasm' && tier !== 'process')
    lacks.push(`this build does not have the tier ${tier}`)
  if (tier === 'process' && protocol === undefined && !isForSdk(execution)) {
    lacks.push('execution.protocol is missing, and the plugin will not run without: jsonrpc, mcp or go-plugin')
  }
  return lacks
}

/** A program is shown a folder for writing only where it may read it as well. */
const unreadWrites = ({ asks, execution }: Manifest): string[] => {
  if (execution.tier !== 'process' || isForSdk(execution)) return []
  const asked = makeCapabilitySet(
    asks.map(({ capability }) => capability),
    { workspaceRoot: '/workspace', home: '/home' },
  )
  return asks
    .map(({ capability }) => /^filesystem\.write:([^*]+?)(?:\/\*{1,2})?$/.exec(capability)?.[1] ?? '')
    .filter((path) => path !== '')
    .filter((path) => !asked.contains({ name: 'filesystem.read', scope: path }))
    .map((path) => `it asks to write ${path} and not to read it: its process will not see it. Ask for both`)
}

/** Without a protocol, a process plugin in JavaScript or TypeScript is one of the SDK. */
const isForSdk = ({ protocol, entry = '' }: Manifest['execution']): boolean =>
  protocol === undefined && /\.[cm]?[jt]sx?$/i.test(entry)

/** More than the defaults is granted by policy alone; whoever reads the manifest must not take it for what holds. */
const raisedLimits = ({ execution: { limits } }: Manifest): string[] =>
  (Object.keys(limits) as (keyof typeof limits)[])
    .filter((name) => (limits[name] ?? 0) > (defaultLimits[name] ?? Number.POSITIVE_INFINITY))
    .map(
      (name) =>
        `the manifest asks for ${name} ${limits[name]}, above the default of ${defaultLimits[name]}: it gets as much as policy allows`,
    )
