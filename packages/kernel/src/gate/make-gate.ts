// The gate: decides each call of each plugin against asks, denials, grants, workspace, user and approval, along the whole
// chain of callers, and has the decision recorded before anybody hears of it. It runs nothing and performs no effect.

import type { AuditSink } from '../audit/record.ts'
import type { CallContext } from '../call/context.ts'
import type { Capability } from '../capability/capability.ts'
import { formatCapability } from '../capability/format.ts'
import { type CapabilitySubject, readSubject } from '../capability/pattern.ts'
import { withoutQuery } from '../capability/scope/network-target.ts'
import { asBulkheadError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Principal } from '../principal.ts'
import { escapeLine } from '../text/escape.ts'
import { type ApprovalMemory, type ApprovePort, makeApprover } from './approval.ts'
import { decisionEvent, urgencyOf, type Verdict } from './decision-event.ts'
import { findDenial } from './find-denial.ts'
import type { Decision, DenyReason, Gate, GateRequest } from './gate.ts'
import { compilePolicy } from './compiled-policy.ts'
import type { GatePolicy } from './policy.ts'
import { makeRegistrations, type Registration } from './registrations.ts'
import { makeSubjectCache, type ReadSubject, type SubjectRoots } from './subject-cache.ts'

/** Where grants come from. */
export interface GrantSource {
  /** What was granted to this principal, now, in the grant spelling; asked again at every decision. */
  grantsFor(principal: Principal): readonly string[]
}

/** What {@link makeGate} needs. */
export interface GatePorts {
  readonly audit: AuditSink
  readonly grants: GrantSource
  readonly policy: GatePolicy
  readonly clock: Clock
  /** Puts questions to a person. Absent: nobody is attached, and what needs an approval is denied. */
  readonly approve?: ApprovePort
  /** Remembers `session` and `always`; in memory when absent. */
  readonly approvals?: ApprovalMemory
  /** Whether a call is refused when its record cannot be written; true when absent. */
  readonly failClosed?: boolean
}

/** The gate with its registry. */
export interface RegisteringGate extends Gate {
  /**
   * Makes a principal known, at its digest. Registering it again replaces what it asked before.
   * @throws BulkheadError `capability.invalid` for an ask or a denial that is no pattern
   */
  register(principal: Principal, registration: Registration): void
  /**
   * Why one capability would be refused, a person's approval aside. Nothing is decided and nothing recorded: for looking over
   * what lies below a path before that path is decided.
   */
  foresee(context: CallContext, capability: Capability): DenyReason | undefined
  /** Forgets the principal at that digest; its calls are denied from now on. */
  unregister(principal: Principal): void
  /** Replaces the policy for every later decision. @throws BulkheadError `capability.invalid` */
  setPolicy(policy: GatePolicy): void
}

/** Capabilities that one host call may need. */
const maxCapabilities = 256

/**
 * Makes the gate.
 * @throws BulkheadError `capability.invalid` for a pattern of the policy that is none
 */
export const makeGate = (ports: GatePorts): RegisteringGate => {
  let policy = compilePolicy(ports.policy)
  const registrations = makeRegistrations()
  const readKnown = makeSubjectCache()
  const approver = makeApprover({
    clock: ports.clock,
    timeoutMs: () => policy.approvalTimeoutMs,
    ...(ports.approve === undefined ? {} : { approve: ports.approve }),
    ...(ports.approvals === undefined ? {} : { memory: ports.approvals }),
  })

  const concluded = (verdict: Verdict, recordId: string): Decision =>
    verdict.why === undefined
      ? { allow: true, recordId, capabilities: verdict.subjects.map((subject) => subject.capability) }
      : { allow: false, recordId, why: verdict.why }

  /** The decision when its record could not be written. */
  const withoutRecord = (request: GateRequest, verdict: Verdict, thrown: unknown): Decision =>
    verdict.why === undefined && ports.failClosed !== false
      ? unrecorded(request, verdict.texts, thrown)
      : concluded(verdict, '')

  const recordFirst = async (request: GateRequest, verdict: Verdict): Promise<Decision> => {
    let recordId: string
    try {
      recordId = await ports.audit.append(decisionEvent(request, verdict), urgencyOf(request, verdict))
    } catch (thrown) {
      return withoutRecord(request, verdict, thrown)
    }
    if (verdict.why === undefined && verdict.approval?.approved === true) approver.bind(recordId, verdict.texts)
    return concluded(verdict, recordId)
  }

  const record = (request: GateRequest, verdict: Verdict): Decision | Promise<Decision> => {
    // Nothing was asked for, so nothing was decided: no record.
    if (verdict.why === undefined && verdict.subjects.length === 0)
      return { allow: true, recordId: '', capabilities: [] }
    if (verdict.approval !== undefined || ports.audit.note === undefined || urgencyOf(request, verdict) === 'flush')
      return recordFirst(request, verdict)
    let noted: string | undefined
    try {
      noted = ports.audit.note(decisionEvent(request, verdict))
    } catch (thrown) {
      return withoutRecord(request, verdict, thrown)
    }
    return noted === undefined ? recordFirst(request, verdict) : concluded(verdict, noted)
  }

  const denialOf = (
    request: GateRequest,
    subjects: readonly CapabilitySubject[],
    roots: SubjectRoots,
  ): DenyReason | undefined => findDenial({ request, subjects, roots, policy, registrations, grants: ports.grants })

  const judge = (request: GateRequest): Verdict | Promise<Verdict> => {
    const roots = rootsOf(policy, request.context)
    const subjects = readAll(request, roots, readKnown)
    if (!Array.isArray(subjects)) return subjects
    const texts = subjects.map((subject) => subject.text)
    const why = denialOf(request, subjects, roots)
    if (why !== undefined) return { subjects, texts, why }
    if (!policy.isHighRisk(request.risk, subjects, roots)) return { subjects, texts }
    return ask(request, subjects, roots)
  }

  const ask = async (
    request: GateRequest,
    subjects: readonly CapabilitySubject[],
    roots: SubjectRoots,
  ): Promise<Verdict> => {
    const texts = subjects.map((subject) => subject.text)
    const approval = await approver.approve(request, texts)
    if (!approval.approved) return { subjects, texts, approval, why: unapproved(request, texts, approval.why) }
    // A person takes time: what was revoked or unloaded meanwhile is denied, whatever the answer.
    const why = denialOf(request, subjects, roots)
    return why === undefined ? { subjects, texts, approval } : { subjects, texts, approval, why }
  }

  return {
    register: registrations.register,
    unregister: registrations.unregister,
    foresee: (context, capability) => {
      const request = foreseen(context, capability)
      const roots = rootsOf(policy, context)
      const subjects = readAll(request, roots, readSubject)
      return Array.isArray(subjects) ? denialOf(request, subjects, roots) : subjects.why
    },
    wouldAllow: (context, capability) => {
      const request = foreseen(context, capability)
      const roots = rootsOf(policy, context)
      const subjects = readAll(request, roots, readSubject)
      // The risk of the call itself was judged when the call was; what counts here is whether this capability has a risk.
      return (
        Array.isArray(subjects) &&
        denialOf(request, subjects, roots) === undefined &&
        (policy.isHighRisk(request.risk, [], roots) || !policy.isHighRisk(request.risk, subjects, roots))
      )
    },
    setPolicy: (next) => {
      policy = compilePolicy(next)
    },
    decide: (request) => {
      // A port that throws (a grant source, a broken registration) must never end as an allowance.
      const refuse = (thrown: unknown): Decision | Promise<Decision> =>
        record(request, { subjects: [], texts: textsOf(request), why: broken(request, thrown) })
      let verdict: Verdict | Promise<Verdict>
      try {
        verdict = judge(request)
      } catch (thrown) {
        return refuse(thrown)
      }
      return verdict instanceof Promise
        ? verdict.then((judged) => record(request, judged), refuse)
        : record(request, verdict)
    },
  }
}

const foreseen = (context: CallContext, capability: Capability): GateRequest => ({
  context,
  function: 'foresee',
  capabilities: [capability],
  risk: 'read-only',
  inputHash: '',
})

const rootsOf = ({ home }: { readonly home: string | undefined }, { workspaceRoot }: CallContext): SubjectRoots =>
  home === undefined ? { workspaceRoot } : { workspaceRoot, home }

const readAll = (request: GateRequest, roots: SubjectRoots, read: ReadSubject): CapabilitySubject[] | Verdict => {
  const deny = (capability: string, message: string): Verdict => ({
    subjects: [],
    texts: textsOf(request),
    why: { layer: 'invalid', capability, principal: request.context.principal.id, message },
  })
  if (request.capabilities.length > maxCapabilities) {
    return deny(
      '',
      `${request.function} needs ${request.capabilities.length} capabilities at once; ${maxCapabilities} are allowed`,
    )
  }
  const subjects: CapabilitySubject[] = []
  for (const asked of request.capabilities) {
    // Cut before it is read: the query decides nothing, and what is said of a faulty address must not show it.
    const capability = withoutQuery(asked)
    try {
      subjects.push(read(capability, roots))
    } catch (thrown) {
      return deny(escapeLine(formatCapability(capability)), asBulkheadError(thrown, 'capability.invalid').message)
    }
  }
  return subjects
}

/** At most 16, escaped and capped: these were never canonical. */
const textsOf = (request: GateRequest): string[] =>
  request.capabilities.slice(0, 16).map((capability) => escapeLine(formatCapability(withoutQuery(capability))))

const unapproved = (request: GateRequest, texts: readonly string[], why: string): DenyReason => ({
  layer: 'approval',
  capability: texts[0] ?? '',
  principal: request.context.principal.id,
  message: `${request.function} by ${escapeLine(request.context.principal.name, 100)} needs a person's approval: ${why}`,
})

const broken = (request: GateRequest, thrown: unknown): DenyReason => ({
  layer: 'grant',
  capability: textsOf(request)[0] ?? '',
  principal: request.context.principal.id,
  message: `the grants could not be read: ${escapeLine(asBulkheadError(thrown).message, 200)}`,
})

const unrecorded = (request: GateRequest, texts: readonly string[], thrown: unknown): Decision => ({
  allow: false,
  recordId: '',
  why: {
    layer: 'audit',
    capability: texts[0] ?? '',
    principal: request.context.principal.id,
    message: `the audit record could not be written: ${escapeLine(asBulkheadError(thrown).message, 200)}`,
  },
})
