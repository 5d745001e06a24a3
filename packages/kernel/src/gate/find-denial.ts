// Steps 1 to 5 of the gate, for the acting plugin and for every plugin in the chain of its callers: the intersection.

import type { CapabilitySubject } from '../capability/pattern.ts'
import { isTunnel } from '../capability/scope/network-target.ts'
import type { CapabilitySet } from '../capability/set.ts'
import type { Principal } from '../principal.ts'
import { escapeLine } from '../text/escape.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { DenyReason, GateRequest } from './gate.ts'
import type { SetRoots } from './pattern-source.ts'
import type { Registrations } from './registrations.ts'

/** What is judged, and by what. */
export interface Case {
  readonly request: GateRequest
  readonly subjects: readonly CapabilitySubject[]
  readonly roots: SetRoots
  readonly policy: CompiledPolicy
  readonly registrations: Registrations
  readonly grants: { grantsFor(principal: Principal): readonly string[] }
}

/** The first reason to refuse, or undefined when every step allows every capability. */
export const findDenial = (held: Case): DenyReason | undefined => {
  const { principal, chain } = held.request.context
  let denial = denialOfPrincipal(held, principal)
  for (let index = 0; denial === undefined && index < chain.length; index++) {
    const caller = chain[index]
    if (caller !== undefined) denial = denialOfPrincipal(held, caller)
  }
  return denial ?? denialByPolicy(held)
}

const denialOfPrincipal = (held: Case, principal: Principal): DenyReason | undefined => {
  const { request, subjects, roots, policy } = held
  const registered = held.registrations.find(principal)
  if (registered === undefined) {
    const name = escapeLine(principal.name, 100)
    return deny('unregistered', subjects[0], principal, `${name} is not registered, so ${request.function} is denied`)
  }
  const granted = registered.grants(roots, held.grants.grantsFor(principal), policy.defaultGrants)
  const asks = registered.manifestless ? undefined : registered.asks(roots)
  const denies = registered.denies(roots)
  for (const subject of subjects) {
    const step = refusingStep(subject, { asks, denies, granted, isProtected: policy.isProtected })
    if (step !== undefined) return deny(step, subject, principal, messageOf(step, subject, principal))
  }
  return undefined
}

const refusingStep = (
  subject: CapabilitySubject,
  by: {
    /** Absent: the plugin asks what is granted. */
    readonly asks: CapabilitySet | undefined
    readonly denies: CapabilitySet
    readonly granted: CapabilitySet
    readonly isProtected: CompiledPolicy['isProtected']
  },
): keyof typeof messages | undefined => {
  if (by.asks !== undefined && !by.asks.contains(subject)) return 'not-asked'
  if (by.denies.touches(subject)) return 'deny-list'
  if (by.isProtected(subject)) return 'protected'
  if (!by.granted.containsNamed(subject)) return 'grant'
  return undefined
}

const messages = {
  'not-asked': (name: string, what: string) => `${name} does not ask for ${what} in its manifest`,
  'deny-list': (name: string, what: string) => `${name} denies itself ${what} in its manifest`,
  protected: (_name: string, what: string) => `${what} is protected: no grant covers it`,
  grant: (name: string, what: string) => `${name} was not granted ${what}`,
} as const

const messageOf = (step: keyof typeof messages, subject: CapabilitySubject, principal: Principal): string =>
  messages[step](escapeLine(principal.name, 100), escapeLine(subject.text)) + tunnelNote(subject)

const tunnelNote = ({ scope }: CapabilitySubject): string =>
  scope?.network !== undefined && isTunnel(scope.network)
    ? '; what passes a tunnel is not seen, so only the whole host and port, without method and path, allows one'
    : ''

const denialByPolicy = ({ request, subjects, roots, policy }: Case): DenyReason | undefined => {
  const { principal, user, workspace } = request.context
  const ofWorkspace = policy.workspace(workspace, roots)
  const ofUser = policy.user(user, roots)
  if (ofWorkspace === 'all' && ofUser === 'all') return undefined
  for (const subject of subjects) {
    const layer = !allows(ofWorkspace, subject) ? 'workspace' : !allows(ofUser, subject) ? 'user' : undefined
    if (layer === undefined) continue
    const id = layer === 'workspace' ? workspace : user
    const who = id === undefined ? `a call without a ${layer}` : `the ${layer} "${escapeLine(id, 100)}"`
    return deny(layer, subject, principal, `${who} does not allow ${escapeLine(subject.text)}`)
  }
  return undefined
}

const allows = (set: CapabilitySet | 'all' | undefined, subject: CapabilitySubject): boolean =>
  set === 'all' || set?.contains(subject) === true

const deny = (
  layer: DenyReason['layer'],
  subject: CapabilitySubject | undefined,
  principal: Principal,
  message: string,
): DenyReason => ({ layer, capability: subject?.text ?? '', principal: principal.id, message })
