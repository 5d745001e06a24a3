// What a person should know before granting anything.

import { asBulkheadError, checkEngine, defaultLimits, type Manifest } from '@bulkhead/kernel'
import { hostVersion } from '../version.ts'
import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest, those on broad or dangerous asks among them; one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...new Set(found.plugin.warnings.map((warning) => warning.message)),
  ...raisedLimits(found.plugin.manifest),
  ...lackingHere(found.plugin.manifest),
]

/** A plugin may be meant for another build, so what this one lacks is no fault of the manifest. */
const lackingHere = ({ engine, execution }: Manifest): string[] => {
  const { tier, language, protocol } = execution
  const lacks: string[] = []
  try {
    checkEngine(engine, hostVersion)
  } catch (thrown) {
    lacks.push(asBulkheadError(thrown).message)
  }
  if (tier !== 'script' && tier !== 'wasm' && tier !== 'process')
    lacks.push(`this build does not have the tier ${tier}`)
  if (tier === 'process' && protocol !== 'jsonrpc' && protocol !== 'mcp' && !isForSdk(execution)) {
    lacks.push(`this build does not speak ${protocol ?? 'a protocol that is not named (execution.protocol)'}`)
  }
  if (tier === 'script' && language !== undefined && language !== 'javascript' && language !== 'typescript') {
    lacks.push(`this build does not run ${language}`)
  }
  return lacks
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
