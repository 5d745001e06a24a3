// One pattern against one capability, both as text.

import { compilePattern, readSubject } from './pattern.ts'
import type { ScopeRoots } from './scope/scope.ts'

/**
 * Whether the pattern covers the capability. Text that is not a pattern or not a capability matches nothing. Without a
 * workspace root, relative paths are compared as if they lay in a folder that no absolute path names.
 */
export const matchCapability = (pattern: string, capability: string, roots: ScopeRoots = {}): boolean => {
  const known: ScopeRoots = { workspaceRoot: nowhere, home: nowhere, ...roots }
  try {
    const subject = readSubject(capability, known)
    return compilePattern(pattern, known).covers(subject)
  } catch {
    return false
  }
}

/** No parsed scope has a control character in it; `..` climbs out of it only to folders that it names as well. */
const nowhere = '/\u0000/\u0000/\u0000/\u0000/\u0000/\u0000/\u0000/\u0000'
