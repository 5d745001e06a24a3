// Reads the sources of a JavaScript or TypeScript plugin: all files that its entry reaches are parsed, none is run.

import type { Bundler } from '@bulkhead/bundle'
import { parseAnnotations } from '@bulkhead/bundle/answers'
import {
  BulkheadError,
  type PluginArtifact,
  type RuntimeLoadOptions,
  type SourceDiagnostic,
  type SourceReport,
} from '@bulkhead/kernel'
import { diagnosticsOf } from './diagnostics.ts'

/** @throws BulkheadError `limit.*`, `sandbox.*` */
export const inspectJavaScript = async (
  bundler: Bundler,
  artifact: PluginArtifact,
  { boundary, domain, limits }: Pick<RuntimeLoadOptions, 'boundary' | 'domain' | 'limits'>,
): Promise<SourceReport> => {
  try {
    const { annotations } = await bundler.bundle(artifact, {
      maxFileBytes: limits.fileSizeBytes,
      asItStands: false,
      ...(boundary === 'jail' ? { domain } : {}),
    })
    const { actions, warnings } = parseAnnotations(annotations)
    const diagnostics = warnings.map(
      ({ line, message }): SourceDiagnostic => ({ severity: 'warning', file: artifact.entry, line, message }),
    )
    return { actions, diagnostics }
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || !thrown.code.startsWith('artifact.')) throw thrown
    return { actions: {}, diagnostics: diagnosticsOf(thrown, artifact.entry) }
  }
}
