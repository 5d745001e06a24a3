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

/** The subjects of one name. */
interface Kept {
  readonly byScope: Map<string, Scoped>
  /** What was asked for last: comparing two texts costs less than looking one up. */
  last: Scoped | undefined
}

interface Scoped extends SubjectRoots {
  readonly scope: string
  readonly subject: CapabilitySubject
}

/** Keeps at most so many subjects; when there are more, it begins anew. */
export const makeSubjectCache = (most = 512): ReadSubject => {
  const bare = new Map<string, CapabilitySubject>()
  const scoped = new Map<string, Kept>()
  let count = 0

  const remember = (): void => {
    if (++count <= most) return
    count = 1
    bare.clear()
    scoped.clear()
  }
  const readBare = (capability: Capability, roots: SubjectRoots): CapabilitySubject => {
    const known = bare.get(capability.name)
    if (known !== undefined) return known
    const subject = readSubject(capability, roots)
    remember()
    bare.set(capability.name, subject)
    return subject
  }
  const read = (capability: Capability, scope: string, roots: SubjectRoots): CapabilitySubject => {
    const subject = readSubject(capability, roots)
    remember()
    const { name } = capability
    let kept = scoped.get(name)
    if (kept === undefined) scoped.set(name, (kept = { byScope: new Map(), last: undefined }))
    const { workspaceRoot, home } = roots
    kept.last = { scope, workspaceRoot, subject, ...(home === undefined ? {} : { home }) }
    kept.byScope.set(scope, kept.last)
    return subject
  }

  return (capability, roots) => {
    const { name, scope } = capability
    if (scope === undefined) return readBare(capability, roots)
    if (scope.length > longestScope) return readSubject(capability, roots)
    const kept = scoped.get(name)
    if (kept === undefined) return read(capability, scope, roots)
    const { last } = kept
    if (last !== undefined && last.scope === scope && isFrom(last, roots)) return last.subject
    const known = kept.byScope.get(scope)
    if (known === undefined || !isFrom(known, roots)) return read(capability, scope, roots)
    kept.last = known
    return known.subject
  }
}

const isFrom = (known: SubjectRoots, roots: SubjectRoots): boolean =>
  known.workspaceRoot === roots.workspaceRoot && known.home === roots.home
