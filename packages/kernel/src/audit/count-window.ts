// One count of events of one kind, from its first to the record that it becomes.

import type { AuditEvent } from './record.ts'

/** A count that became a record. */
export interface CoalescedEvent {
  /** The id that every suppressed append was given. */
  readonly id: string
  readonly event: AuditEvent
}

/** What one count is of: one kind of events, several kinds of one user in one workspace, or what further users do. */
export type Coverage = 'kind' | 'user' | 'all'

/** A count that is open. */
export interface Window {
  /** Of the record that will hold the count. */
  readonly id: string
  /** The first, cut. */
  readonly sample: AuditEvent
  /** Monotonic. */
  readonly openedAt: number
  readonly closesAt: number
  readonly covers: Coverage
  count: number
  /** All of them are of one call. */
  oneCall: boolean
  /** All of them are of one risk. */
  oneRisk: boolean
  /** Milliseconds since the Unix epoch. */
  readonly first: number
  /** Monotonic. */
  lastAt: number
  /** Of ends of calls: each figure of their details, summed. */
  readonly sums: Record<string, number> | undefined
}

/** When and how a count begins. */
export interface WindowStart {
  readonly id: string
  readonly first: number
  readonly openedAt: number
  readonly closesAt: number
  readonly covers: Coverage
}

/** Begins a count with its first event, cut. */
export const openWindow = (sample: AuditEvent, start: WindowStart): Window => {
  const sums = sample.type === 'call_ended' ? {} : undefined
  const window: Window = { ...start, sample, count: 0, oneCall: true, oneRisk: true, lastAt: start.openedAt, sums }
  countIn(window, sample, start.openedAt)
  return window
}

/**
 * What makes events alike. Denials are alike whatever they asked for (a flood varies that), ends of calls when they ended
 * for the same reason; the first is the sample.
 */
export const isAlike = (event: AuditEvent, sample: AuditEvent): boolean =>
  event.function === sample.function &&
  event.action === sample.action &&
  event.result === sample.result &&
  isSameOrigin(event, sample) &&
  (event.type !== 'call_ended' || event.why === sample.why) &&
  (event.result === 'denied' || isSameList(event.capabilities, sample.capabilities))

/** Whether two events come from the same user in the same workspace, by way of the same callers. */
export const isSameOrigin = (event: AuditEvent, sample: AuditEvent): boolean =>
  event.user === sample.user && event.workspace === sample.workspace && isSameList(event.chain, sample.chain)

const isSameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** Counts one more, and answers the id of the record that will hold it. */
export const countIn = (window: Window, { callId, risk, details }: AuditEvent, nowMs: number): string => {
  window.count += 1
  if (callId !== window.sample.callId) window.oneCall = false
  if (risk !== window.sample.risk) window.oneRisk = false
  window.lastAt = nowMs
  const { sums } = window
  if (sums !== undefined && details !== undefined) {
    for (const name in details) {
      const figure = details[name]
      if (typeof figure === 'number') sums[name] = (sums[name] ?? 0) + figure
    }
  }
  return window.id
}

/** The record of a count. What is not true of all that it counts is not said of any. */
export const coalesced = (window: Window): CoalescedEvent => {
  const { id, sample, count, covers, sums, first, openedAt, lastAt } = window
  const details = { count, first, last: Math.trunc(first + lastAt - openedAt), mixed: covers !== 'kind' }
  return {
    id,
    event: {
      ...commonPart(window),
      type: 'coalesced',
      why: `${count} ${sums === undefined ? 'decisions' : 'ends of calls'} ${whatOf(sample, covers)}`,
      details: sums === undefined ? details : { ...details, of: sample.type, sums: roundedSums(sums) },
    },
  }
}

const commonPart = ({ sample, covers, oneCall, oneRisk }: Window): AuditEvent => {
  const { details: _details, why: _why, callId, risk, ...shared } = sample
  const kept = {
    ...shared,
    ...(callId !== undefined && oneCall ? { callId } : {}),
    ...(risk !== undefined && oneRisk ? { risk } : {}),
  }
  if (covers === 'kind') return kept
  const { callId: _call, function: _function, action: _action, capabilities: _capabilities, ...ofUser } = kept
  if (covers === 'user') return ofUser
  const { user: _user, workspace: _workspace, chain: _chain, ...ofAll } = ofUser
  return ofAll
}

const whatOf = (sample: AuditEvent, covers: Coverage): string => {
  const tooFast = 'came too fast to be recorded singly'
  if (covers === 'all') return `of several kinds and users ${tooFast}`
  if (covers === 'user') return `of several kinds ${tooFast}`
  const first = sample.why ?? (sample.type === 'call_ended' ? undefined : (sample.function ?? 'no reason given'))
  return first === undefined ? `of this kind ${tooFast}` : `of this kind ${tooFast}; the first: ${first}`
}

/** Sums of thousandths are no thousandths. */
const roundedSums = (sums: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Math.round(sum * 1000) / 1000]))
