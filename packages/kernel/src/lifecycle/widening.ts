// What a new version of a plugin would be allowed, or could do, that the one before could not. It compares what manifests
// say and reads nothing else; whether a wider one may replace a narrower one is not decided here.

import { riskLevels } from '../function/risk.ts'
import { type ActionSpec, boundaries, type Manifest } from '../manifest/manifest.ts'
import { escapeLine } from '../text/escape.ts'

/** A manifest, or that there is none: then the plugin asks exactly what its invocation grants. */
export interface Stated {
  readonly manifest: Manifest
  readonly manifestless: boolean
}

/**
 * Each point in which the second is wider than the first, as half a sentence about the second; empty when it is in none. In
 * doubt a change counts as one: an ask that the old manifest did not have word for word is a new ask.
 */
export const findWidening = (from: Stated, to: Stated): readonly string[] => [
  ...widerAsks(from, to),
  ...missing(from.manifest.denies, to.manifest.denies).map((deny) => `no longer renounces ${quote(deny)}`),
  ...widerExecution(from.manifest, to.manifest),
  ...Object.entries(to.manifest.actions).flatMap(([name, action]) => widerAction(from.manifest, name, action)),
  ...Object.entries(to.manifest.dependencies)
    .filter(([name, range]) => own(from.manifest.dependencies, name) !== range)
    .map(([name, range]) => `depends on ${quote(`${name} ${range}`)}`),
]

const quote = (text: string): string => escapeLine(text, 200)

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

const missing = (wanted: readonly string[], among: readonly string[]): readonly string[] => {
  const there = new Set(among)
  return wanted.filter((text) => !there.has(text))
}

const widerAsks = (from: Stated, to: Stated): readonly string[] => {
  if (from.manifestless) return []
  if (to.manifestless) return ['no longer says what it asks for']
  const capabilities = ({ manifest }: Stated): string[] => manifest.asks.map(({ capability }) => capability)
  return missing(capabilities(to), capabilities(from)).map((ask) => `asks for ${quote(ask)}`)
}

const widerExecution = ({ execution: from }: Manifest, { execution: to }: Manifest): readonly string[] => {
  const tightness = (boundary: typeof from.boundary): number =>
    boundary === undefined ? -1 : boundaries.indexOf(boundary)
  const found: string[] = []
  if (to.tier !== from.tier) found.push(`is of the tier ${to.tier}, not ${from.tier}`)
  if (tightness(to.boundary) < tightness(from.boundary)) found.push(`no longer asks for the boundary ${from.boundary}`)
  if (to.isolation === 'per-plugin' && from.isolation !== 'per-plugin') found.push('keeps state between calls')
  return found
}

/** Without a word on it an action counts as one of the least risk. */
const riskOf = ({ risk }: ActionSpec): number => (risk === undefined ? 0 : riskLevels.indexOf(risk))

/** More risk is more harm; less of it said of the same action would let it pass where a person was asked. */
const widerAction = ({ actions }: Manifest, name: string, action: ActionSpec): readonly string[] => {
  const before = own(actions, name)
  const most = Math.max(-1, ...Object.values(actions).map(riskOf))
  if (before === undefined) {
    const isWider = riskOf(action) > Math.max(0, most)
    return isWider ? [`has an action ${quote(name)} of the risk ${action.risk}`] : []
  }
  if (before.risk === action.risk) return []
  return [`says ${action.risk ?? 'nothing'} of the risk of ${quote(name)}, and said ${before.risk ?? 'nothing'}`]
}
