// The one form of a capability in which it is decided, recorded and acted upon.

import type { Capability } from './capability.ts'
import { readSubject } from './pattern.ts'
import type { ScopeRoots } from './scope/scope.ts'

/**
 * The canonical capability: absolute paths, normalised addresses. Canonical ones come back unchanged.
 * @throws BulkheadError `capability.invalid`
 */
export const canonicaliseCapability = (capability: Capability, roots: ScopeRoots): Capability =>
  readSubject(capability, roots).capability
