// What an egress proxy tells the audit log beside the gate's decisions: what it refused by itself, and what passed through a
// connection by its end.

import { type AuditEvent, type AuditSink, type CallContext, escapeLine } from '@bulkhead/kernel'
import { connectName } from './connect-function.ts'
import { type ConnectTarget, tunnelScope } from './target.ts'
import type { TunnelEnd } from './tunnel.ts'

/** Whose proxy it is. */
export interface RecordOrigin {
  readonly plugin: string
  /** Id of its principal, where it is known without a call. */
  readonly principal?: string | undefined
  /** The call under way, if there is one. */
  readonly context: CallContext | undefined
}

const originOf = ({ plugin, principal: id, context }: RecordOrigin): Omit<AuditEvent, 'type' | 'result'> => {
  if (context === undefined) return { plugin, ...(id === undefined ? {} : { principal: id }) }
  const { principal, callId, action, user, workspace, chain } = context
  return {
    plugin,
    principal: principal.id,
    callId,
    action,
    ...(user === undefined ? {} : { user }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(chain.length === 0 ? {} : { chain: chain.map((caller) => caller.id) }),
  }
}

/** Notes a refusal. Nothing happened, so nothing waits for the record; `why` is escaped here. */
export const recordRefusal = (audit: AuditSink, origin: RecordOrigin, why: string): void => {
  const event: AuditEvent = { type: 'connection_refused', result: 'denied', ...originOf(origin), why: escapeLine(why) }
  void audit.append(event, 'flush').catch(() => '')
}

/** Notes the end of a connection: bytes each way, how long it stood, and why it ended where that was not its own will. */
export const recordEnd = (
  audit: AuditSink,
  origin: RecordOrigin,
  end: TunnelEnd & { readonly target: ConnectTarget; readonly openMs: number },
): void => {
  const { target, sentBytes, receivedBytes, openMs, error } = end
  const event: AuditEvent = {
    type: 'connection_ended',
    result: 'info',
    ...originOf(origin),
    function: connectName,
    capabilities: [`network:${tunnelScope(target)}`],
    ...(error === undefined ? {} : { why: `${error.code}: ${escapeLine(error.message)}` }),
    details: { sentBytes, receivedBytes, openMs: Math.round(openMs) },
  }
  void audit.append(event, 'lazy').catch(() => '')
}
