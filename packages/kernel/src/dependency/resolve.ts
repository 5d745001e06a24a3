// The order in which plugins start: each after what it depends on. A plugin whose dependencies cannot be had is
// refused, and so is whatever depends on it; the others start all the same. Loads nothing.

import satisfies from 'semver/functions/satisfies.js'
import { BulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'
import { nearestNames } from '../text/nearest.ts'
import { findCircle } from './circle.ts'

/** What resolution needs of a plugin. A manifest is one. */
export interface DependencyNode {
  readonly name: string
  readonly version: string
  /** Plugin name → range of versions. */
  readonly dependencies: Readonly<Record<string, string>>
}

/** One plugin that cannot start. */
export interface RefusedPlugin {
  readonly name: string
  /** `dependency.missing`, `dependency.version` or `dependency.cycle`. */
  readonly error: BulkheadError
}

/** What came of resolution. The same plugins give the same answer, whatever their order. */
export interface ResolvedDependencies {
  /** Names, dependencies first; of those that are free to start, the alphabetically first. */
  readonly order: readonly string[]
  /** Sorted by name. */
  readonly refused: readonly RefusedPlugin[]
}

/**
 * Resolves the dependencies of a set of plugins with unique names (of a name that comes twice, the last counts).
 * Never throws; use {@link requireDependencies} where every plugin must start.
 */
export const resolveDependencies = (plugins: readonly DependencyNode[]): ResolvedDependencies => {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  const names = [...byName.keys()].sort()
  const edges = new Map(names.map((name) => [name, Object.keys(byName.get(name)?.dependencies ?? {}).sort()]))
  const refused = new Map<string, BulkheadError>()

  for (const name of names) {
    const error = directFault(byName.get(name), byName)
    if (error !== undefined) refused.set(name, error)
  }
  for (const name of names) {
    const circle = refused.has(name) ? undefined : findCircle(name, edges)
    if (circle !== undefined) refused.set(name, circleError(circle))
  }
  refuseDependents(names, edges, refused)

  const order: string[] = []
  const waiting = new Map(
    names.filter((name) => !refused.has(name)).map((name) => [name, edges.get(name)?.length ?? 0]),
  )
  const dependents = reverse(edges)
  const free = [...waiting].filter(([, count]) => count === 0).map(([name]) => name)
  while (free.length > 0) {
    const name = free.sort().shift() ?? ''
    order.push(name)
    for (const dependent of dependents.get(name) ?? []) {
      const left = waiting.get(dependent)
      if (left === undefined) continue
      waiting.set(dependent, left - 1)
      if (left === 1) free.push(dependent)
    }
  }
  const sorted = [...refused].sort(([a], [b]) => (a < b ? -1 : 1))
  return { order, refused: sorted.map(([name, error]) => ({ name, error })) }
}

/**
 * The start order of plugins that must all start.
 * @throws BulkheadError of the first refused plugin
 */
export const requireDependencies = (plugins: readonly DependencyNode[]): readonly string[] => {
  const { order, refused } = resolveDependencies(plugins)
  if (refused[0] !== undefined) throw refused[0].error
  return order
}

const directFault = (
  plugin: DependencyNode | undefined,
  byName: ReadonlyMap<string, DependencyNode>,
): BulkheadError | undefined => {
  for (const [name, range] of Object.entries(plugin?.dependencies ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const who = escapeLine(plugin?.name ?? '', 100)
    const found = byName.get(name)
    if (found === undefined) {
      const near = nearestNames(name, [...byName.keys()])
      const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Install ${escapeLine(name, 100)}.`
      return new BulkheadError('dependency.missing', `${who} needs ${escapeLine(name, 100)}, which is not installed`, {
        hint,
      })
    }
    if (satisfies(found.version, range)) continue
    const wanted = `${escapeLine(name, 100)} ${escapeLine(range, 100)}`
    return new BulkheadError(
      'dependency.version',
      `${who} needs ${wanted}, and ${escapeLine(found.version, 100)} is installed`,
    )
  }
  return undefined
}

const circleError = (circle: readonly string[]): BulkheadError =>
  new BulkheadError(
    'dependency.cycle',
    `plugins depend on each other in a circle: ${circle.map((name) => escapeLine(name, 100)).join(' → ')}`,
    { details: { circle: [...circle] } },
  )

const reverse = (edges: ReadonlyMap<string, readonly string[]>): Map<string, string[]> => {
  const reversed = new Map<string, string[]>()
  for (const [from, targets] of edges) {
    for (const to of targets) {
      const list = reversed.get(to)
      if (list === undefined) reversed.set(to, [from])
      else list.push(from)
    }
  }
  return reversed
}

/** What depends on a refused plugin cannot start either, however far away. */
const refuseDependents = (
  names: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
  refused: Map<string, BulkheadError>,
): void => {
  const dependents = reverse(edges)
  const queue = names.filter((name) => refused.has(name))
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    for (const dependent of dependents.get(name) ?? []) {
      if (refused.has(dependent)) continue
      const message = `${escapeLine(dependent, 100)} needs ${escapeLine(name, 100)}, which cannot start`
      const hint = refused.get(name)?.message
      refused.set(
        dependent,
        new BulkheadError('dependency.missing', message, hint === undefined ? {} : { hint: `${hint}.` }),
      )
      queue.push(dependent)
    }
  }
}
