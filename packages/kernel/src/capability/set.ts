// Sets of patterns: what a plugin asks, what it was granted, what a workspace or a user allows. A set only answers
// questions; who may ask which is the gate's business.

import { BulkheadError } from '../errors.ts'
import type { Capability } from './capability.ts'
import { type CapabilitySubject, type CompiledPattern, compilePattern, readSubject } from './pattern.ts'
import type { ScopeRoots } from './scope/scope.ts'

/** A question to a set: a capability, its text, or one that was taken apart already. */
export type CapabilityQuestion = Capability | CapabilitySubject | string

/** What every set answers. */
export interface CapabilityPredicate {
  /** Whether some pattern covers the capability. What is not a capability is in no set. */
  contains(question: CapabilityQuestion): boolean
}

/** A set of patterns, compiled. */
export interface CapabilitySet extends CapabilityPredicate {
  /** As written. */
  readonly patterns: readonly string[]
  /** Whether both sets contain the capability. */
  allowedBy(other: CapabilityPredicate, question: CapabilityQuestion): boolean
  /** The set of what this one and all others contain. */
  intersect(...others: readonly CapabilityPredicate[]): CapabilityPredicate
  /** For deny lists: whether some pattern means the capability under any reading. What is not a capability is denied. */
  touches(question: CapabilityQuestion): boolean
  /**
   * As `contains`, but what is not public (localhost, private addresses) counts only under a pattern with the exact
   * name: `*` covers it here no more than `network:*` does. For grants.
   */
  containsNamed(question: CapabilityQuestion): boolean
}

/**
 * Compiles a set; the empty set contains nothing. Relative path patterns are resolved against the roots now.
 * @throws BulkheadError `capability.invalid`
 */
export const makeCapabilitySet = (patterns: readonly string[], roots: ScopeRoots = {}): CapabilitySet => {
  const wild: CompiledPattern[] = []
  const byName = new Map<string, CompiledPattern[]>()
  for (const pattern of patterns.map((text) => compilePattern(text, roots))) {
    if (pattern.wild) wild.push(pattern)
    else byName.set(pattern.name, [...(byName.get(pattern.name) ?? []), pattern])
  }
  const named = (subject: CapabilitySubject): readonly CompiledPattern[] => byName.get(subject.capability.name) ?? []
  const contains = (question: CapabilityQuestion): boolean => {
    const subject = subjectOf(question, roots)
    return (
      subject !== undefined &&
      (named(subject).some((pattern) => pattern.covers(subject)) || wild.some((pattern) => pattern.covers(subject)))
    )
  }
  return Object.freeze<CapabilitySet>({
    patterns: Object.freeze([...patterns]),
    contains,
    allowedBy: (other, question) => contains(question) && other.contains(question),
    intersect: (...others) => ({
      contains: (question) => contains(question) && others.every((other) => other.contains(question)),
    }),
    touches: (question) => {
      const subject = subjectOf(question, roots)
      return (
        subject === undefined ||
        named(subject).some((pattern) => pattern.touches(subject)) ||
        wild.some((pattern) => pattern.touches(subject))
      )
    },
    containsNamed: (question) => {
      const subject = subjectOf(question, roots)
      return (
        subject !== undefined &&
        (subject.secluded ? named(subject).some((pattern) => pattern.covers(subject)) : contains(subject))
      )
    },
  })
}

const subjectOf = (question: CapabilityQuestion, roots: ScopeRoots): CapabilitySubject | undefined => {
  if (typeof question === 'object' && 'capability' in question) return question
  try {
    return readSubject(question, roots)
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'capability.invalid') return undefined
    throw thrown
  }
}
