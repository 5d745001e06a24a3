// Policy, made ready for many decisions.

import type { CapabilitySubject } from '../capability/pattern.ts'
import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import type { ScopeRoots } from '../capability/scope/scope.ts'
import { type Risk, riskLevels } from '../function/risk.ts'
import type { AllowSet, GatePolicy } from './policy.ts'
import { makeProtectedTest, type ProtectedTest } from './protected-paths.ts'
import { PatternSource } from './pattern-source.ts'

type Roots = ScopeRoots & { readonly workspaceRoot: string }

/** See {@link GatePolicy}. */
export interface CompiledPolicy {
  readonly home: string | undefined
  readonly approvalTimeoutMs: number
  readonly defaultGrants: readonly string[]
  readonly isProtected: ProtectedTest
  /** The allow set; `all` when policy configures none of that kind; undefined when this id is absent or unknown. */
  workspace(id: string | undefined, roots: Roots): CapabilitySet | 'all' | undefined
  user(id: string | undefined, roots: Roots): CapabilitySet | 'all' | undefined
  isHighRisk(risk: Risk, subjects: readonly CapabilitySubject[], roots: Roots): boolean
}

/**
 * Compiles and checks a policy; later changes of the object have no effect.
 * @throws BulkheadError `capability.invalid`
 */
export const compilePolicy = (policy: GatePolicy): CompiledPolicy => {
  const anywhere: Roots = { workspaceRoot: '/', home: policy.home ?? '/' }
  const checked = (patterns: readonly string[]): readonly string[] => makeCapabilitySet(patterns, anywhere).patterns
  const allowSets = (sets: Readonly<Record<string, AllowSet>> | undefined) => {
    // A map: ids come from callers, and `constructor` is no workspace.
    const byId = new Map(
      Object.entries(sets ?? {}).map(([id, { allow }]) => [
        id,
        { patterns: checked(allow), source: new PatternSource('allow') },
      ]),
    )
    return (id: string | undefined, roots: Roots): CapabilitySet | 'all' | undefined => {
      if (byId.size === 0) return 'all'
      const allow = id === undefined ? undefined : byId.get(id)
      return allow?.source.setOf(roots, allow.patterns)
    }
  }
  const risky = checked(policy.highRisk?.capabilities ?? [])
  const riskySource = new PatternSource('deny')
  const from = policy.highRisk?.from
  const leastRisk = from === undefined ? riskLevels.length : riskLevels.indexOf(from)
  const { home, paths = [], code = [] } = policy.protectedPaths ?? {}
  return {
    home: policy.home,
    approvalTimeoutMs: policy.approvalTimeoutMs ?? 30_000,
    defaultGrants: checked(policy.defaultGrants ?? []),
    isProtected: makeProtectedTest(
      { paths: home === undefined ? paths : [home, ...paths], code },
      policy.home === undefined ? {} : { home: policy.home },
    ),
    workspace: allowSets(policy.workspaces),
    user: allowSets(policy.users),
    isHighRisk: (risk, subjects, roots) => {
      if (from !== undefined) {
        const level = riskLevels.indexOf(risk)
        if (level < 0 || level >= leastRisk) return true
      }
      if (risky.length === 0) return false
      const set = riskySource.setOf(roots, risky)
      return subjects.some((subject) => set.touches(subject))
    },
  }
}
