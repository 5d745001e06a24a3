// The embedding program's policy: checked once, then turned into what the gate and the limits need.

import {
  BulkheadError,
  type Boundary,
  boundaries,
  grantLimits,
  isLimitValue,
  type Limits,
  limitSpecs,
  type Manifest,
  makeCapabilitySet,
  narrowSupervision,
  riskLevels,
  type SupervisionRules,
  supervisionRules,
  type WasmFeatures,
  wasmFeatures,
} from '@bulkhead/kernel'
import { z } from 'zod'
import type { PluginInfo, PluginPolicy, Policy } from './api.ts'

const patterns = z.array(z.string().max(2048))
const limitsField = z.strictObject(
  Object.fromEntries(
    Object.values(limitSpecs).map(({ field, unit }) => [
      field,
      z
        .number()
        .refine((value) => isLimitValue(field, value), `must be a ${unit === 'count' ? 'whole ' : ''}number above 0`)
        .optional(),
    ]),
  ),
)
const featuresField = z.strictObject(
  Object.fromEntries(wasmFeatures.map((feature) => [feature, z.boolean().optional()])),
)
/** Longest time that a timer can run, ms. */
const longestMs = 2 ** 31 - 1

/** Rules of supervision, each of them as it may be set. */
export const supervisionField = z.strictObject(
  Object.fromEntries(
    supervisionRules.map((rule) => {
      const number = rule === 'crashes' ? z.number().int() : z.number()
      return [rule, number.positive().max(longestMs).optional()]
    }),
  ),
)

const PolicySchema = z.strictObject({
  grants: z.record(z.string(), patterns).optional(),
  workspaces: z.record(z.string(), z.strictObject({ allow: patterns, root: z.string().optional() })).optional(),
  users: z.record(z.string(), z.strictObject({ allow: patterns })).optional(),
  highRisk: z.strictObject({ capabilities: patterns.optional(), from: z.enum(riskLevels).optional() }).optional(),
  limits: limitsField.optional(),
  features: featuresField.optional(),
  plugins: z
    .record(
      z.string(),
      z.strictObject({
        limits: limitsField.optional(),
        features: featuresField.optional(),
        supervision: supervisionField.optional(),
      }),
    )
    .optional(),
  supervision: supervisionField.optional(),
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

/** Whom a policy is asked about. */
export interface PolicySubject {
  readonly name: string
  readonly principal: string
  readonly origin: PluginInfo['origin']
}

/** What stands in the policy for this plugin alone: by principal, and by bare name as {@link grantsFor} has it. */
const ownPolicies = ({ plugins = {} }: Policy, subject: PolicySubject | undefined): readonly PluginPolicy[] => {
  if (subject === undefined) return []
  const names = [...(subject.origin === 'project' ? [] : [subject.name]), subject.principal]
  return names.flatMap((name) => (Object.hasOwn(plugins, name) ? [plugins[name] ?? {}] : []))
}

/** Limits of a plugin; see {@link grantLimits}. Without a subject, those that hold for any. */
export const effectiveLimits = (manifest: Manifest, policy: Policy, subject?: PolicySubject): Limits => {
  const bounds = [policy, ...ownPolicies(policy, subject)].map(({ limits = {} }) => present(limits))
  return grantLimits(manifest.execution.limits, Object.assign({}, ...bounds) as Partial<Limits>)
}

/** Parts of WebAssembly that a plugin's modules may use. */
export const effectiveFeatures = (policy: Policy, subject?: PolicySubject): WasmFeatures => {
  const said = [policy, ...ownPolicies(policy, subject)].map(({ features = {} }) => present(features))
  return Object.assign({}, ...said) as WasmFeatures
}

/** How a plugin is looked after: the host's rules, narrowed by the policy's and by those for this plugin alone. */
export const effectiveSupervision = (
  rules: SupervisionRules,
  policy: Policy,
  subject: PolicySubject,
): SupervisionRules =>
  [policy, ...ownPolicies(policy, subject)].reduce(
    (narrowed, { supervision = {} }) => narrowSupervision(narrowed, present(supervision)),
    rules,
  )

/** Without members that are there and say nothing: spread over others, they would take them back. */
export const present = <T extends object>(said: T): T =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as T

/**
 * Where a plugin is to run: the tighter of what policy demands and what the manifest asks for. Where policy says nothing,
 * `usual` counts as its demand. `inline` only by the embedding program's word.
 */
export const tighterBoundary = (manifest: Manifest, policy: Policy, usual: Boundary): Boundary => {
  const order = (boundary: Boundary): number => boundaries.indexOf(boundary)
  const demanded = policy.boundary ?? usual
  const asked = manifest.execution.boundary
  return asked !== undefined && order(asked) > order(demanded) ? asked : demanded
}

/** What a boundary is called in status and records: a program runs in a confinement of its own, whatever holds for cells. */
export const boundaryName = ({ execution }: Manifest, boundary: Boundary): Boundary | 'process' =>
  execution.tier === 'process' ? 'process' : boundary
