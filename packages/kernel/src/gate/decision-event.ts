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
export const decisionEvent = (
  request: GateRequest,
  verdict: Verdict,
): { event: AuditEvent; urgency: 'flush' | 'lazy' } => {
  const { context } = request
  const { why, approval, texts } = verdict
  const details = {
    ...(why === undefined ? {} : { layer: why.layer, capability: why.capability, principal: why.principal }),
    ...(approval === undefined ? {} : { approval: approval.approved ? approval.how : 'refused' }),
    ...(approval === undefined ? {} : { inputHash: request.inputHash }),
  }
  return {
    urgency: why === undefined && request.risk === 'read-only' ? 'lazy' : 'flush',
    event: {
      type: 'capability_check',
      result: why === undefined ? 'allowed' : 'denied',
      principal: context.principal.id,
      plugin: context.principal.name,
      callId: context.callId,
      action: context.action,
      ...(context.user === undefined ? {} : { user: context.user }),
      ...(context.workspace === undefined ? {} : { workspace: context.workspace }),
      ...(context.chain.length === 0 ? {} : { chain: context.chain.map(({ id }) => id) }),
      function: request.function,
      capabilities: texts,
      risk: request.risk,
      ...(why === undefined ? {} : { why: why.message }),
      ...(Object.keys(details).length === 0 ? {} : { details }),
    },
  }
}
