// Reads a plugin's sources without running any of it: syntax, and what its types and comments say. Hostile sources are read in a
// jail, where the system can confine one.

import { defaultLimits, type SourceReport } from '@bulkhead/kernel'
import type { CheckedPlugin } from '../reports.ts'
import { makeBundleApart } from '../edge/bundle-apart.ts'
import { nodeClock } from '../edge/clock-node.ts'
import { makeJailPort } from '../edge/jail-node.ts'
import { makeUsualBoundary } from '../usual-boundary.ts'
import { readPlugin } from './inspect-node.ts'
import { mergeActions } from './merge-actions.ts'
import type { PinnedPlugin } from './read-artifact-node.ts'

/**
 * Checks manifest and sources; all faults are reported at once. Of tiers without sources only the manifest is checked.
 * @throws BulkheadError as `inspectPlugin`, and `sandbox.*` when no jail can be started where there could be one
 */
export const checkPlugin = async (path: string): Promise<CheckedPlugin> => {
  const { report, pinned } = await readPlugin(path)
  const { manifest } = report
  if (manifest === undefined) return { ...report, diagnostics: [], actions: {} }
  const { diagnostics, actions } =
    pinned === undefined || manifest.execution.tier !== 'script' ? nothingRead : await readSources(pinned)
  return { ...report, diagnostics, actions: mergeActions(manifest, actions) }
}

/** A manifest alone is checked without them. */
const load = { cells: () => import('@bulkhead/cell'), script: () => import('@bulkhead/runtime-script') }

const nothingRead: SourceReport = { diagnostics: [], actions: {} }

const readSources = async ({ artifact, principal }: PinnedPlugin): Promise<SourceReport> => {
  const [{ openCells }, { makeScriptRuntime }] = await Promise.all([load.cells(), load.script()])
  await using cells = openCells({ jails: makeJailPort(), spareJails: 0 })
  await using runtime = makeScriptRuntime(cells, makeBundleApart(cells))
  const boundary = await makeUsualBoundary(cells, { log: undefined, clock: nodeClock }).find('script')
  if (runtime.inspect === undefined) return nothingRead
  return await runtime.inspect(artifact, {
    boundary,
    domain: principal.id,
    limits: { ...defaultLimits, ...artifact.manifest.execution.limits },
    config: {},
    functions: [],
    log: () => undefined,
  })
}
