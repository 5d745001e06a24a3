// Steps 1 to 5 of the gate, for the acting plugin and for every plugin in the chain of its callers: the intersection.

import type { CapabilitySubject } from '../capability/pattern.ts'
import type { Principal } from '../principal.ts'
import { escapeLine } from '../text/escape.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { DenyReason, GateRequest } from './gate.ts'
import type { Registrations } from './registrations.ts'

/** What is judged, and by what. */
export interface Case {
  readonly request: GateRequest
  readonly subjects: readonly CapabilitySubject[]
  readonly roots: { readonly workspaceRoot: string; readonly home?: string }
  readonly policy: CompiledPolicy
  readonly registrations: Registrations
  readonly grants: { grantsFor(principal: Principal): readonly string[] }
}

/** The first reason to refuse, or undefined when every step allows every capability. */
export const findDenial = (held: Case): DenyReason | undefined => {
  const { context } = held.request
  for (const principal of [context.principal, ...context.chain]) {
    const denial = denialOfPrincipal(held, principal)
    if (denial !== undefined) return denial
  }
  return denialByPolicy(held)
}

const denialOfPrincipal = (held: Case, principal: Principal): DenyReason | undefined => {
  const { request, subjects, roots, policy, registrations } = held
  const name = escapeLine(principal.name, 100)
  const sets = registrations.setsOf(principal, roots)
  const [first] = subjects
  if (sets === undefined) {
    return deny('unregistered', first, principal, `${name} is not registered, so ${request.function} is denied`)
  }
  const granted = registrations.cache.allowSet(
    `grants\u0000${principal.digest}\u0000${principal.id}`,
    [...held.grants.grantsFor(principal), ...policy.defaultGrants],
    roots,
  )
  const asks = sets.asks === 'what is granted' ? granted : sets.asks
  for (const subject of subjects) {
    const what = escapeLine(subject.text)
    if (sets.asks !== 'what is granted' && !asks.contains(subject)) {
      return deny('not-asked', subject, principal, `${name} does not ask for ${what} in its manifest`)
    }
    if (sets.denies.touches(subject)) {
      return deny('deny-list', subject, principal, `${name} denies itself ${what} in its manifest`)
    }
    if (policy.isProtected(subject)) {
      return deny('protected', subject, principal, `${what} is protected: no grant covers it`)
    }
    if (!granted.containsNamed(subject)) {
      return deny('grant', subject, principal, `${name} was not granted ${what}`)
    }
  }
  return undefined
}

const denialByPolicy = ({ request, subjects, roots, policy }: Case): DenyReason | undefined => {
  const { principal, user, workspace } = request.context
  const layers = [
    { layer: 'workspace', id: workspace, set: policy.workspace(workspace, roots) },
    { layer: 'user', id: user, set: policy.user(user, roots) },
  ] as const
  for (const subject of subjects) {
    for (const { layer, id, set } of layers) {
      if (set === 'all' || set?.contains(subject) === true) continue
      const who = id === undefined ? `a call without a ${layer}` : `the ${layer} "${escapeLine(id, 100)}"`
      return deny(layer, subject, principal, `${who} does not allow ${escapeLine(subject.text)}`)
    }
  }
  return undefined
}

const deny = (
  layer: DenyReason['layer'],
  subject: CapabilitySubject | undefined,
  principal: Principal,
  message: string,
): DenyReason => ({ layer, capability: subject?.text ?? '', principal: principal.id, message })
