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
/** Names in a plugin's folder that decide what it runs or asks for. */
const codeName = /^(?:plugin\.(?:yaml|yml|toml|json)|package\.json|.*\.(?:[cm]?[jt]sx?|lua|rune|rn|wasm))$/

/** What is protected besides what every gate protects. */
export interface ProtectedPaths {
  /** Absolute, or starting with `~/`. Writing to a folder above one is refused too: it could be moved with what is in it. */
  readonly paths: readonly string[]
  /** See GatePolicy; read at every decision on writing. */
  readonly code?: Iterable<string>
}

/**
 * Makes the test.
 * @throws BulkheadError `capability.invalid` for a path that cannot be resolved
 */
export const makeProtectedTest = ({ paths, code = [] }: ProtectedPaths, roots: ScopeRoots): ProtectedTest => {
  const fixed = paths.map((path) => resolvePath(path, roots).map(foldSegment))
  // These are real already, and a name that no pattern can spell must not stop the decision.
  const foldReal = (path: string): readonly string[] =>
    path
      .split('/')
      .filter((name) => name !== '')
      .map(foldSegment)
  const folds = new Map<string, readonly string[]>()
  const isCode = (folded: readonly string[]): boolean => {
    for (const path of code) {
      const known = folds.get(path) ?? foldReal(path)
      folds.set(path, known)
      if (startsWith(folded, known) && (folded.length === known.length || codeName.test(folded.at(-1) ?? '')))
        return true
    }
    return false
  }
  return (subject) => {
    const { name } = subject.capability
    const segments = subject.scope?.segments
    if (segments === undefined || !(name === 'filesystem' || name.startsWith('filesystem.'))) return false
    const folded = segments.map(foldSegment)
    const writes = name !== 'filesystem.read'
    return (
      folded.includes(stateFolder) ||
      (writes && folded.some((segment) => gitFolders.includes(segment))) ||
      (writes && configFiles.includes(folded.at(-1) ?? '')) ||
      (writes && isCode(folded)) ||
      fixed.some((path) => startsWith(folded, path) || (writes && startsWith(path, folded)))
    )
  }
}

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.length <= path.length && prefix.every((segment, index) => segment === path[index])
