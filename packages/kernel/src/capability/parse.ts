// Capabilities and patterns from text: one spelling for manifests, grants, policy, prompts and the audit log. Only the
// shape is read here; what a scope means is the business of its typed matcher under scope/.

import { nearestNames } from '../text/nearest.ts'
import type { Capability } from './capability.ts'
import { invalidCapability } from './invalid.ts'
import { knownCapabilityNames, mistakableNames } from './known-names.ts'

/** What a grant, an ask or a deny says: a name in which segments may be `*`, and perhaps a scope pattern. */
export interface CapabilityPattern {
  readonly name: string
  readonly scope?: string
}

/** Longest name, in characters. */
export const maxNameLength = 256
/** Longest scope of a pattern, in characters. */
export const maxPatternLength = 2048
/** Longest scope of a capability as it is given (a URL may bring a long query), in characters. */
export const maxScopeLength = 65_536
/** Longest scope of a canonical capability, in characters. */
export const maxCanonicalScopeLength = 8192

const segmentShape = /^[A-Za-z0-9_-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/**
 * Reads one concrete capability, for example `network:GET https://api.example.com/v1/x`, `env:HOME` or `storage`.
 * @throws BulkheadError `capability.invalid`; a capability names one thing, so `*` is refused
 */
export const parseCapability = (text: string): Capability => {
  const capability = splitCapability(text)
  checkCapability(capability, text)
  return capability
}

/**
 * Reads a pattern: `network:https://*.example.com/v1/*`, `filesystem.read:./data`, `filesystem.read./data/*`,
 * `messages.send.*`, `*`.
 * @throws BulkheadError `capability.invalid`
 */
export const parsePattern = (text: string): CapabilityPattern => {
  const pattern = splitCapability(text)
  checkPattern(pattern, text)
  return pattern
}

/** Divides at the first `:` or `./`; of the latter the slash belongs to the scope. No checks. */
export const splitCapability = (text: string): Capability => {
  const colon = text.indexOf(':')
  const dotSlash = text.indexOf('./')
  if (colon < 0 && dotSlash < 0) return { name: text }
  return dotSlash < 0 || (colon >= 0 && colon < dotSlash)
    ? { name: text.slice(0, colon), scope: text.slice(colon + 1) }
    : { name: text.slice(0, dotSlash), scope: text.slice(dotSlash + 1) }
}

/** @throws BulkheadError `capability.invalid` */
export const checkCapability = (capability: Capability, text: string): void => {
  checkName(capability.name, text, false)
  const { scope } = capability
  if (scope === undefined) return
  checkScope(scope, text, maxScopeLength)
  // A URL may have a star; its canonical form writes it as %2A.
  if (scope.includes('*') && capability.name !== 'network') {
    throw invalidCapability(text, 'has a * in it: a capability names one thing', 'Only grants and asks may have a *.')
  }
}

/** @throws BulkheadError `capability.invalid` */
export const checkPattern = (pattern: CapabilityPattern, text: string): void => {
  checkName(pattern.name, text, true)
  if (pattern.scope === undefined) return
  checkScope(pattern.scope, text, maxPatternLength)
  if (pattern.name.includes('*')) {
    throw invalidCapability(
      text,
      'has a * in its name and a scope as well',
      'A scope needs an exact name: write one grant for each name.',
    )
  }
}

/** Exact names that were found good; whether one is depends on nothing else. */
const goodNames = new Set<string>()
const mostGoodNames = 1000

const checkName = (name: string, text: string, stars: boolean): void => {
  if (goodNames.has(name)) return
  if (name === '') throw invalidCapability(text, 'has no name', nameHint(text))
  if (name.length > maxNameLength) {
    throw invalidCapability(text, `has a name of ${name.length} characters; ${maxNameLength} are allowed`)
  }
  for (const segment of name.split('.')) {
    if (segmentShape.test(segment) || (stars && segment === '*')) continue
    throw invalidCapability(text, `is not a capability: "${segment}" is not a segment of a name`, nameHint(name))
  }
  if (!(knownCapabilityNames as readonly string[]).includes(name) && !name.includes('*')) {
    const [near] = nearestNames(name, mistakableNames)
    if (near !== undefined && isSlip(name, near)) {
      throw invalidCapability(text, 'is not a known permission', `Did you mean ${near}?`)
    }
  }
  if (!name.includes('*') && goodNames.size < mostGoodNames) goodNames.add(name)
}

const nameHint = (name: string): string => {
  const near = nearestNames(name, knownCapabilityNames)
  return near.length === 0
    ? 'Write <permission>[:<scope>], for example network:GET https://api.example.com/*.'
    : `Did you mean ${near.join(' or ')}? Write <permission>[:<scope>].`
}

/** Same letters in another order, one lost or one added: what a hurried hand does. */
const isSlip = (name: string, near: string): boolean => {
  const [short, long] = name.length < near.length ? [name, near] : [near, name]
  if (long.length - short.length > 1) return false
  const left = [...long]
  for (const letter of short) {
    const at = left.indexOf(letter)
    if (at < 0) return false
    left.splice(at, 1)
  }
  return true
}

const checkScope = (scope: string, text: string, most: number): void => {
  if (scope === '') throw invalidCapability(text, 'has an empty scope', 'Leave out the colon, or write a scope.')
  if (scope.length > most) {
    throw invalidCapability(text, `has a scope of ${scope.length} characters; ${most} are allowed`)
  }
  if (control.test(scope) || scope.trim() !== scope) {
    throw invalidCapability(text, 'has control characters, or space at an end of its scope')
  }
}
