// One count of events of one kind, from its first to the record that it becomes.

import type { AuditEvent } from './record.ts'

/** A count that became a record. */
export interface CoalescedEvent {
  /** The id that every suppressed append was given. */
  readonly id: string
  readonly event: AuditEvent
}

/** A count that is open. */
export interface Window {
  /** Of the record that will hold the count. */
  readonly id: string
  /** The first, cut. */
  readonly sample: AuditEvent
  /** Monotonic. */
  readonly openedAt: number
  readonly closesAt: number
  /** Of several kinds. */
  readonly mixed: boolean
  count: number
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
  readonly mixed: boolean
}

/** Begins a count with its first event, cut. */
export const openWindow = (sample: AuditEvent, start: WindowStart): Window => {
  const sums = sample.type === 'call_ended' ? {} : undefined
  const window: Window = { ...start, sample, count: 0, lastAt: start.openedAt, sums }
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
  event.user === sample.user &&
  event.workspace === sample.workspace &&
  (event.type !== 'call_ended' || event.why === sample.why) &&
  isSameList(event.chain, sample.chain) &&
  (event.result === 'denied' || isSameList(event.capabilities, sample.capabilities))

const isSameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** Counts one more, and answers the id of the record that will hold it. */
export const countIn = (window: Window, { details }: AuditEvent, nowMs: number): string => {
  window.count += 1
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

/** The record of a count. */
export const coalesced = ({ id, sample, count, mixed, sums, ...window }: Window): CoalescedEvent => {
  const { details: _, ...kept } = sample
  const { first, openedAt, lastAt } = window
  const what = `${count} ${sums === undefined ? 'decisions' : 'ends of calls'} of ${mixed ? 'several kinds' : 'this kind'}`
  const why = `${what} came too fast to be recorded singly`
  const firstOf = sample.why ?? sample.function ?? (sums === undefined ? 'no reason given' : undefined)
  const details = { count, first, last: Math.trunc(first + lastAt - openedAt), mixed }
  return {
    id,
    event: {
      ...kept,
      type: 'coalesced',
      why: firstOf === undefined ? why : `${why}; the first: ${firstOf}`,
      details: sums === undefined ? details : { ...details, of: sample.type, sums: roundedSums(sums) },
    },
  }
}

/** Sums of thousandths are no thousandths. */
const roundedSums = (sums: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Math.round(sum * 1000) / 1000]))
