// An artifact as a content of the wire: its bytes travel as byte strings (and so in chunks when they are long).

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CellArtifact } from './driver.ts'
import type { Content } from './streams.ts'

/** Packs an artifact for the wire. */
export const artifactToContent = (artifact: CellArtifact): Content => {
  const { bytes, modules, ...rest } = artifact
  return {
    kind: 'value',
    payload: {
      json: JSON.stringify({ ...rest, modules: modules.map((module) => module.name) }),
      blobs: [bytes, ...modules.map((module) => module.bytes)],
    },
  }
}

/** Unpacks what {@link artifactToContent} packed. The host is trusted here; only the shape is put back. */
export const artifactFromContent = (content: Content): CellArtifact => {
  if (content.kind !== 'value') throw new BulkheadError('host.internal', 'an artifact came as raw bytes')
  const { modules, ...rest } = JSON.parse(content.payload.json) as Omit<CellArtifact, 'bytes' | 'modules'> & {
    modules: string[]
  }
  const [bytes, ...others] = content.payload.blobs ?? []
  if (bytes === undefined || others.length !== modules.length) {
    throw new BulkheadError('host.internal', 'an artifact came without its bytes')
  }
  return {
    ...rest,
    bytes,
    modules: modules.map((name, index) => ({ name, bytes: others[index] ?? new Uint8Array() })),
  }
}
