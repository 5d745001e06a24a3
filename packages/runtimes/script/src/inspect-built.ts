// Reads the sources of a plugin whose interpreter we build: in a cell, which compiles them and runs nothing.

import { parseActionList } from '@bulkhead/bundle/answers'
import type { Cell } from '@bulkhead/cell'
import {
  BulkheadError,
  type CallContext,
  type JsonCaps,
  type JsonObject,
  packPayload,
  type PluginArtifact,
  type RuntimeLoadOptions,
  type SourceReport,
  unpackPayload,
} from '@bulkhead/kernel'
import { checkAction } from './abi/check.ts'
import { diagnosticOf, diagnosticsOf } from './diagnostics.ts'

const caps: JsonCaps = { maxLength: 8 * 1024 * 1024, maxDepth: 80, maxMembers: 100_000 }
const maxDiagnostics = 200

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `open` opens the cell. @throws BulkheadError `limit.*`, `sandbox.*`, `runtime.missing` */
export const inspectBuilt = async (
  artifact: PluginArtifact,
  { domain, limits }: Pick<RuntimeLoadOptions, 'domain' | 'limits'>,
  open: () => Promise<Cell>,
): Promise<SourceReport> => {
  try {
    await using cell = await open()
    const context: CallContext = {
      callId: `check ${domain}`,
      principal: { id: domain, name: artifact.manifest.name, digest: artifact.digest },
      chain: [],
      action: checkAction,
      workspaceRoot: '/',
      deadlineMs: performance.now() + limits.wallMs,
      limits,
      signal: new AbortController().signal,
    }
    const { output } = await cell.call({
      action: checkAction,
      input: { kind: 'value', payload: packPayload(null) },
      output: 'value',
      context,
      dispatch: async () => ({ ok: false, error: nothingToCall.toJSON() }),
      log: () => undefined,
    })
    const report = output.kind === 'value' ? unpackPayload(output.payload, 'the report', caps) : undefined
    return reportOf(report, artifact.entry)
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || !thrown.code.startsWith('artifact.')) throw thrown
    return { actions: {}, diagnostics: diagnosticsOf(thrown, artifact.entry) }
  }
}

const nothingToCall = new BulkheadError('function.unknown', 'a plugin that is looked at calls nothing')

/** It may come from a jail, so that nothing is taken for granted. */
const reportOf = (report: unknown, entry: string): SourceReport => {
  if (!isObject(report)) throw new BulkheadError('plugin.crashed', 'the interpreter did not say what it found')
  const { diagnostics, actions } = report
  const list = Array.isArray(diagnostics) ? diagnostics.slice(0, maxDiagnostics).filter(isObject) : []
  return {
    diagnostics: list.map((facts) => diagnosticOf(facts, entry)),
    actions: parseActionList(JSON.stringify(actions ?? {})),
  }
}
