// Which events are recorded at all.

import type { AuditEvent } from './record.ts'

export const auditLevels = ['verbose', 'security-only'] as const
/** `verbose`: everything. `security-only`: denials, grants, approvals, trust, crashes, and what was allowed to write. */
export type AuditLevel = (typeof auditLevels)[number]

/** Whether an event is recorded at this level. What is flushed because it precedes an effect always is. */
export const isRecorded = (level: AuditLevel, event: AuditEvent, urgency: 'flush' | 'lazy'): boolean => {
  if (level === 'verbose' || event.result === 'denied') return true
  switch (event.type) {
    case 'call_started':
    case 'call_ended':
    case 'plugin_loaded':
    case 'plugin_unloaded':
      return false
    case 'capability_check':
      return urgency === 'flush'
    default:
      return true
  }
}
