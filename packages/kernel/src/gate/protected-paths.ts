// Paths that no filesystem grant ever covers. The comparison folds case, composition and ignorable characters, since
// some file systems do; links are caught when the file service asks again with the real path.

import type { CapabilitySubject } from '../capability/pattern.ts'
import { foldSegment, resolvePath } from '../capability/scope/path.ts'
import type { ScopeRoots } from '../capability/scope/scope.ts'

/** Whether the capability is a filesystem one on a protected path. */
export type ProtectedTest = (subject: CapabilitySubject) => boolean

const stateFolder = '.bulkhead'
/** `GIT~1` is the short name that NTFS gives to `.git` (CVE-2014-9390). */
const gitFolders: readonly string[] = ['.git', 'git~1']
const configFiles: readonly string[] = ['bulkhead.yaml', 'bulkhead.yml', 'bulkhead.toml', 'bulkhead.json']

/**
 * Makes the test. `paths` are absolute, or start with `~/`; writing to a folder above one of them is refused too (it
 * could be moved or removed with what is in it).
 * @throws BulkheadError `capability.invalid` for a path that cannot be resolved
 */
export const makeProtectedTest = (paths: readonly string[], roots: ScopeRoots): ProtectedTest => {
  const fixed = paths.map((path) => resolvePath(path, roots).map(foldSegment))
  return (subject) => {
    const { name } = subject.capability
    const segments = subject.scope?.segments
    if (segments === undefined || name.split('.', 1)[0] !== 'filesystem') return false
    const folded = segments.map(foldSegment)
    const writes = name !== 'filesystem.read'
    return (
      folded.includes(stateFolder) ||
      (writes && folded.some((segment) => gitFolders.includes(segment))) ||
      (writes && configFiles.includes(folded.at(-1) ?? '')) ||
      fixed.some((path) => startsWith(folded, path) || (writes && startsWith(path, folded)))
    )
  }
}

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.length <= path.length && prefix.every((segment, index) => segment === path[index])
