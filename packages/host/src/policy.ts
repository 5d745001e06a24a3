// The embedding program's policy: checked once, then turned into what the gate and the limits need.

import {
  BulkheadError,
  type Boundary,
  boundaries,
  defaultLimits,
  grantLimits,
  type Limits,
  type Manifest,
  makeCapabilitySet,
  riskLevels,
} from '@bulkhead/kernel'
import { z } from 'zod'
import type { Policy } from './api.ts'

const patterns = z.array(z.string().max(2048))
const positive = z.number().positive()

const PolicySchema = z.strictObject({
  grants: z.record(z.string(), patterns).optional(),
  workspaces: z.record(z.string(), z.strictObject({ allow: patterns, root: z.string().optional() })).optional(),
  users: z.record(z.string(), z.strictObject({ allow: patterns })).optional(),
  highRisk: z.strictObject({ capabilities: patterns.optional(), from: z.enum(riskLevels).optional() }).optional(),
  limits: z
    .strictObject(Object.fromEntries(Object.keys(defaultLimits).map((key) => [key, positive.optional()])))
    .optional(),
  boundary: z.enum(boundaries).optional(),
  audit: z
    .strictObject({ level: z.enum(['verbose', 'security-only']).optional(), failClosed: z.boolean().optional() })
    .optional(),
})

/** Checks a policy, patterns included. @throws BulkheadError `config.invalid`, `capability.invalid` */
export const checkPolicy = (policy: Policy | undefined): Policy => {
  const parsed = PolicySchema.safeParse(policy ?? {})
  if (!parsed.success) {
    const first = parsed.error.issues[0]
    const field = ['policy', ...(first?.path ?? [])].map(String).join('.')
    throw new BulkheadError('config.invalid', `${field}: ${first?.message ?? 'is not valid'}`)
  }
  const checked = parsed.data as Policy
  if (checked.limits?.fuel !== undefined || checked.limits?.cpuMs !== undefined) {
    throw new BulkheadError('config.invalid', 'policy.limits: fuel and cpuMs cannot be held in this version', {
      hint: 'Bound a call with wallMs.',
    })
  }
  const sets = [
    ...Object.values(checked.grants ?? {}),
    ...Object.values(checked.workspaces ?? {}).map((entry) => entry.allow),
    ...Object.values(checked.users ?? {}).map((entry) => entry.allow),
    checked.highRisk?.capabilities ?? [],
  ]
  // Compiled once here, so that a scope that nobody can read is refused now and not at the first call.
  for (const set of sets) makeCapabilitySet(set, { workspaceRoot: '/', home: '/' })
  return checked
}

/** Limits of a plugin; see {@link grantLimits}. */
export const effectiveLimits = (manifest: Manifest, policy: Policy): Limits =>
  grantLimits(manifest.execution.limits, policy.limits ?? {})

/**
 * Where a plugin is to run: the tighter of what policy demands and what the manifest asks for. `inline` only by the
 * embedding program's word.
 */
export const tighterBoundary = (manifest: Manifest, policy: Policy): Boundary => {
  const order = (boundary: Boundary): number => boundaries.indexOf(boundary)
  const demanded = policy.boundary ?? 'thread'
  const asked = manifest.execution.boundary
  return asked !== undefined && order(asked) > order(demanded) ? asked : demanded
}

/** As {@link tighterBoundary}. @throws BulkheadError `runtime.missing` when only a tighter one than we have would do */
export const effectiveBoundary = (manifest: Manifest, policy: Policy): Boundary => {
  const boundary = tighterBoundary(manifest, policy)
  if (boundary === 'jail') {
    throw new BulkheadError('runtime.missing', `${manifest.name} must run in a jail, which this build does not have`, {
      hint: 'Use the boundary thread, if you accept what docs/security says of it.',
    })
  }
  return boundary
}
