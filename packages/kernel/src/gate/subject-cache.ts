// Capabilities taken apart, kept for when the same is asked again. What one is depends on its text and on the folders that
// relative paths are resolved against, and on nothing that can change.

import type { Capability } from '../capability/capability.ts'
import { type CapabilitySubject, readSubject } from '../capability/pattern.ts'

/** What relative paths are resolved against. */
export interface SubjectRoots {
  readonly workspaceRoot: string
  readonly home?: string
}

/** As `readSubject`. @throws BulkheadError `capability.invalid` */
export type ReadSubject = (capability: Capability, roots: SubjectRoots) => CapabilitySubject

/** Longest scope that is kept: plugins choose them. */
const longestScope = 300

/** Keeps at most so many subjects; the one read longest ago leaves first. */
export const makeSubjectCache = (most = 512): ReadSubject => {
  const known = new Map<string, CapabilitySubject>()
  return (capability, roots) => {
    const { name, scope } = capability
    if (scope !== undefined && scope.length > longestScope) return readSubject(capability, roots)
    const key =
      scope === undefined ? name : `${name}\u0000${scope}\u0000${roots.workspaceRoot}\u0000${roots.home ?? ''}`
    const found = known.get(key)
    if (found !== undefined) return found
    const read = readSubject(capability, roots)
    const [oldest] = known.keys()
    if (known.size >= most && oldest !== undefined) known.delete(oldest)
    known.set(key, read)
    return read
  }
}
