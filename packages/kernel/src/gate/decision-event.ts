// The audit event of one decision.

import type { AuditEvent } from '../audit/record.ts'
import type { GateRequest } from './gate.ts'
import type { Verdict } from './make-gate.ts'

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
