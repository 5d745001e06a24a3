// The audit event of one decision.

import type { AuditEvent } from '../audit/record.ts'
import type { CapabilitySubject } from '../capability/pattern.ts'
import type { ApprovalOutcome } from './approval.ts'
import type { DenyReason, GateRequest } from './gate.ts'

/** What was decided, before it is recorded. No `why` means allowed. */
export interface Verdict {
  readonly subjects: readonly CapabilitySubject[]
  readonly texts: readonly string[]
  readonly why?: DenyReason
  readonly approval?: ApprovalOutcome
}

/** Denials and whatever is more than reading are flushed before the effect; reads may follow within 100 ms. */
export const urgencyOf = (request: GateRequest, { why }: Verdict): 'flush' | 'lazy' =>
  why === undefined && request.risk === 'read-only' ? 'lazy' : 'flush'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What is recorded of it. */
export const decisionEvent = (request: GateRequest, { why, approval, texts }: Verdict): AuditEvent => {
  const { context } = request
  const { principal, user, workspace, chain } = context
  const event: Writable<AuditEvent> = {
    type: 'capability_check',
    result: why === undefined ? 'allowed' : 'denied',
    principal: principal.id,
    plugin: principal.name,
    callId: context.callId,
    action: context.action,
    function: request.function,
    capabilities: texts,
    risk: request.risk,
  }
  if (user !== undefined) event.user = user
  if (workspace !== undefined) event.workspace = workspace
  if (chain.length > 0) event.chain = chain.map(({ id }) => id)
  if (why !== undefined) event.why = why.message
  if (why !== undefined || approval !== undefined) {
    event.details = {
      ...(why === undefined ? {} : { layer: why.layer, capability: why.capability, principal: why.principal }),
      ...(approval === undefined ? {} : { approval: approval.approved ? approval.how : 'refused' }),
      ...(approval === undefined ? {} : { inputHash: request.inputHash }),
    }
  }
  return event
}
