// A compiled pattern and a subject that is ready to be matched: names against names, scopes against scopes.

import type { Capability } from './capability.ts'
import { formatCapability } from './format.ts'
import { makeGlob, matchGlob } from './glob.ts'
import { invalidCapability } from './invalid.ts'
import { checkCapability, checkPattern, maxCanonicalScopeLength, splitCapability } from './parse.ts'
import { scopeKindOf } from './scope/kinds.ts'
import type { ScopeRoots, ScopeSubject } from './scope/scope.ts'

/** A capability, canonical and taken apart once, to be matched many times. */
export interface CapabilitySubject {
  /** Canonical. Frozen. */
  readonly capability: Capability
  /** `formatCapability(capability)` */
  readonly text: string
  readonly scope: ScopeSubject | undefined
  /** Reaches a host or an address that is not public. */
  readonly secluded: boolean
}

/** A compiled pattern. */
export interface CompiledPattern {
  /** As written. */
  readonly text: string
  readonly name: string
  /** The name has a star. */
  readonly wild: boolean
  /** Whether a grant of this pattern surely allows the subject. In doubt, no. */
  covers(subject: CapabilitySubject): boolean
  /** Whether a denial of this pattern means the subject. In doubt, yes; a name without a scope means every scope. */
  touches(subject: CapabilitySubject): boolean
}

/**
 * Takes a capability apart. `network:get HTTPS://API.example.com` and `network:GET https://api.example.com:443/` yield
 * one canonical form.
 * @throws BulkheadError `capability.invalid`
 */
export const readSubject = (given: Capability | string, roots: ScopeRoots = {}): CapabilitySubject => {
  const split = typeof given === 'string' ? splitCapability(given) : given
  checkCapability(split, typeof given === 'string' ? given : formatCapability(given))
  const { name } = split
  const scope = split.scope === undefined ? undefined : scopeKindOf(name).readSubject(split.scope, roots)
  if (scope !== undefined && scope.text.length > maxCanonicalScopeLength) {
    throw invalidCapability(scope.text, `is longer than ${maxCanonicalScopeLength} characters`)
  }
  const capability = Object.freeze(scope === undefined ? { name } : { name, scope: scope.text })
  return {
    capability,
    text: formatCapability(capability),
    scope,
    secluded: name === 'network.private' || scope?.network?.secluded === true,
  }
}

/**
 * Compiles a pattern.
 * @throws BulkheadError `capability.invalid`
 */
export const compilePattern = (text: string, roots: ScopeRoots = {}): CompiledPattern => {
  const pattern = splitCapability(text)
  checkPattern(pattern, text)
  const { name } = pattern
  const wild = name.includes('*')
  if (pattern.scope !== undefined) {
    const kind = scopeKindOf(name)
    const scope = kind.readPattern(pattern.scope, roots)
    return {
      text,
      name,
      wild,
      covers: (subject) =>
        subject.capability.name === name &&
        (subject.scope === undefined ? kind.isPartitive === true : scope.covers(subject.scope)),
      touches: (subject) =>
        subject.capability.name === name && subject.scope !== undefined && scope.touches(subject.scope),
    }
  }
  // A star in a name stands for whole segments: the dots beside it are literal, and names have no empty segments.
  const glob = makeGlob(name, 1)
  const everyScope = name.endsWith('*') || (!wild && scopeKindOf(name).isPartitive === true)
  return {
    text,
    name,
    wild,
    covers: (subject) => (everyScope || subject.scope === undefined) && matchGlob(glob, subject.capability.name),
    touches: (subject) => matchGlob(glob, subject.capability.name),
  }
}
