// What every managed plugin shares: the host's gate, door, runtimes and ports.

import type {
  AuditSink,
  CallContext,
  Clock,
  Crypto,
  Deadlines,
  FunctionTable,
  Json,
  LogLevel,
  LogSink,
  OpenCallSession,
  Principal,
  RegisteringGate,
  Roster,
  SupervisionRules,
} from '@bulkhead/kernel'
import type { Policy } from '../api.ts'
import type { CallClock } from '../call/call-clock.ts'
import type { EventBus } from '../events.ts'
import type { TierRuntimes } from '../tier-runtimes.ts'
import type { UsualBoundary } from '../usual-boundary.ts'

/** A call that runs. */
export interface OpenCall {
  readonly context: CallContext
  readonly clock: CallClock
}

/** The host, seen from one plugin. */
export interface World {
  readonly policy: Policy
  readonly workspaceRoot: string
  readonly clock: Clock
  readonly crypto: Crypto
  /** A number from 0 up to, and without, 1; for waits that are not to fall together. No secret is made of it. */
  random(): number
  /** How plugins are looked after, before policy. */
  readonly supervision: SupervisionRules
  readonly audit: AuditSink
  readonly gate: Pick<RegisteringGate, 'register' | 'unregister' | 'decide' | 'foresee'>
  /** What the policy grants, in the grant spelling. */
  grantsFor(principal: Principal): readonly string[]
  /** The environment with the embedding program's secrets over it. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly openSession: OpenCallSession
  readonly functions: FunctionTable
  readonly runtimes: Pick<TierRuntimes, 'of'>
  readonly usualBoundary: UsualBoundary
  readonly events: EventBus
  readonly log: LogSink | undefined
  /** Writes a guest's line, bounded for each call whichever way the guest logs. */
  callLog(call: CallContext, level: LogLevel, message: string): void
  readonly config: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Watches over the deadlines of calls and of their host calls. */
  readonly deadlines: Deadlines
  /** The calls that run: the gate stops the clock of one while a person is asked, and closing ends them. */
  readonly openCalls: Roster<OpenCall>
  /** Aborts when the host closes. */
  readonly closing: AbortSignal
  /** Whether what lies in the project's folder is what was trusted. @throws BulkheadError `trust.required` */
  requireTrust(): Promise<void>
  /** Called when a loaded plugin was used or loaded, so that the cache keeps it. */
  touch(name: string): void
  /** Called when a loaded copy is gone. */
  forget(name: string): void
}
