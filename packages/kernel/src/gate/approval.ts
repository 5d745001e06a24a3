// Asking a person. The gate asks here for what policy marks as high risk; anything but a clear yes in time is a no.

import type { Risk } from '../function/risk.ts'
import type { Clock } from '../ports.ts'
import type { Principal } from '../principal.ts'
import { escapeLine } from '../text/escape.ts'
import type { GateRequest } from './gate.ts'

export const approvalAnswers = ['once', 'session', 'always', 'deny'] as const
/** What a person may say. `session` lasts as long as the gate, `always` until the plugin's digest changes. */
export type ApprovalAnswer = (typeof approvalAnswers)[number]

/** A question to a person. Every text is written by the host or escaped. */
export interface ApprovalQuestion {
  /** The whole question, several lines, ready to be shown. */
  readonly prompt: string
  /** The plugin's name, escaped. */
  readonly plugin: string
  readonly principal: Principal
  /** The callers, outermost first. */
  readonly chain: readonly Principal[]
  readonly callId: string
  readonly user?: string
  readonly workspace?: string
  readonly function: string
  /** Canonical capabilities as text, escaped. */
  readonly capabilities: readonly string[]
  readonly risk: Risk
  /** SHA-256 of the canonical input: the answer is for this input and no other. */
  readonly inputHash: string
  /** After this many milliseconds the gate takes silence for a denial. */
  readonly timeoutMs: number
  /** Aborts when the call is over; then, or after `timeoutMs`, take the question away: its answer no longer counts. */
  readonly signal: AbortSignal
}

/** Puts a question to a person through the surface in use; a model is not a person. */
export type ApprovePort = (question: ApprovalQuestion) => Promise<ApprovalAnswer>

/** Remembers `session` and `always` answers; the default keeps both in memory. Keys are opaque and bind the digest. */
export interface ApprovalMemory {
  has(key: string): boolean
  remember(key: string, answer: 'session' | 'always'): void
}

/** What came of a question. */
export type ApprovalOutcome =
  | { readonly approved: true; readonly how: 'once' | 'session' | 'always' | 'remembered' | 'permit' }
  | { readonly approved: false; readonly why: string }

/** What {@link makeApprover} needs. */
export interface ApproverPorts {
  readonly approve?: ApprovePort
  readonly memory?: ApprovalMemory
  readonly clock: Clock
  readonly timeoutMs: () => number
}

/** Questions of one principal that may wait at a time: a plugin must not bury a person in prompts. */
const maxPending = 4
/** Approved permits that are kept for questions on the way; a host call asks its own within its time limit. */
const maxPermits = 4096

/** The asking side. */
export interface Approver {
  /** Never rejects but for a broken memory. */
  approve(request: GateRequest, texts: readonly string[]): Promise<ApprovalOutcome>
  /** Notes what was approved under a permit, so that asking again on the way (the real path, say) asks no person. */
  bind(recordId: string, texts: readonly string[]): void
}

/** Makes the asking side. */
export const makeApprover = (ports: ApproverPorts): Approver => {
  const memory = ports.memory ?? makeApprovalMemory()
  const pending = new Map<string, number>()
  const permits = new Map<string, ReadonlySet<string>>()
  return {
    bind: (recordId, texts) => {
      if (recordId !== '') keepNewest(permits, maxPermits).set(recordId, new Set(texts))
    },
    approve: async (request, texts) => {
      const permit = request.following === undefined ? undefined : permits.get(request.following)
      if (permit !== undefined && texts.every((text) => permit.has(text))) return { approved: true, how: 'permit' }
      const key = approvalKey(request, texts)
      if (memory.has(key)) return { approved: true, how: 'remembered' }
      const { approve } = ports
      if (approve === undefined) return { approved: false, why: 'nobody is attached who could approve it' }
      const { id } = request.context.principal
      const waiting = pending.get(id) ?? 0
      if (waiting >= maxPending) return { approved: false, why: 'too many questions of this plugin are waiting' }
      pending.set(id, waiting + 1)
      try {
        const answer = await ask(ports, approve, { request, texts })
        if (answer === 'once') return { approved: true, how: answer }
        if (answer !== 'session' && answer !== 'always') return { approved: false, why: refusals[answer] }
        memory.remember(key, answer)
        return { approved: true, how: answer }
      } finally {
        const left = (pending.get(id) ?? 1) - 1
        if (left === 0) pending.delete(id)
        else pending.set(id, left)
      }
    },
  }
}

/** Makes room for one more: the entries made longest ago leave. */
const keepNewest = <Held extends { size: number; keys(): Iterable<string>; delete(key: string): boolean }>(
  held: Held,
  most: number,
): Held => {
  for (const key of held.keys()) {
    if (held.size < most) break
    held.delete(key)
  }
  return held
}

const refusals = {
  deny: 'a person refused it',
  silence: 'nobody answered in time',
  cancelled: 'the call ended before anybody answered',
  failed: 'asking for approval failed',
  malformed: 'the answer was not one of once, session, always, deny',
} as const

const ask = (
  ports: ApproverPorts,
  approve: ApprovePort,
  { request, texts }: { request: GateRequest; texts: readonly string[] },
): Promise<ApprovalAnswer | keyof typeof refusals> =>
  new Promise((resolve) => {
    const { context } = request
    const timeoutMs = ports.timeoutMs()
    let settled = false
    const settle = (answer: ApprovalAnswer | keyof typeof refusals): void => {
      if (settled) return
      settled = true
      timer[Symbol.dispose]()
      context.signal.removeEventListener('abort', cancel)
      resolve(answer)
    }
    const cancel = (): void => settle('cancelled')
    const timer = ports.clock.after(timeoutMs, () => settle('silence'))
    context.signal.addEventListener('abort', cancel, { once: true })
    if (context.signal.aborted) cancel()
    const question: ApprovalQuestion = Object.freeze({
      prompt: promptOf(request, texts),
      plugin: escapeLine(context.principal.name, 200),
      principal: context.principal,
      chain: context.chain,
      callId: context.callId,
      ...(context.user === undefined ? {} : { user: context.user }),
      ...(context.workspace === undefined ? {} : { workspace: context.workspace }),
      function: request.function,
      capabilities: texts.map((text) => escapeLine(text)),
      risk: request.risk,
      inputHash: request.inputHash,
      timeoutMs,
      signal: context.signal,
    })
    Promise.resolve()
      .then(() => approve(question))
      .then((answer: unknown) => settle(isAnswer(answer) ? answer : 'malformed'))
      .catch(() => settle('failed'))
  })

const isAnswer = (answer: unknown): answer is ApprovalAnswer =>
  typeof answer === 'string' && (approvalAnswers as readonly string[]).includes(answer)

/** Written by the host; what comes from a plugin is quoted, escaped, one line and capped. */
const promptOf = ({ context, function: name, risk, inputHash }: GateRequest, texts: readonly string[]): string => {
  const callers = context.chain.map((caller) => quote(caller.name))
  return [
    `The plugin ${quote(context.principal.name)} wants to do something of risk "${risk}".`,
    `  plugin:   ${quote(context.principal.id)}, digest ${context.principal.digest.slice(0, 12)}`,
    ...(callers.length === 0 ? [] : [`  called by: ${callers.join(', then ')}`]),
    `  function: ${name}`,
    ...texts.slice(0, 10).map((text) => `  needs:    ${quote(text)}`),
    ...(texts.length > 10 ? [`  and ${texts.length - 10} more`] : []),
    `  input:    sha256 ${inputHash.slice(0, 12)}`,
  ].join('\n')
}

const quote = (text: string): string => `"${escapeLine(text, 200).replaceAll('"', '\\"')}"`

/**
 * What an answer holds for: this principal at this digest, reached through these callers at theirs, this function with
 * these capabilities and this very input, for this user in this workspace.
 */
const approvalKey = ({ context, function: name, inputHash, risk }: GateRequest, texts: readonly string[]): string =>
  JSON.stringify([
    [context.principal, ...context.chain].map(({ id, digest }) => [id, digest]),
    context.user ?? null,
    context.workspace ?? null,
    name,
    risk,
    texts,
    inputHash,
  ])

/** Keeps answers as long as the gate lives, at most 10,000: the oldest leave first and are asked again. */
export const makeApprovalMemory = (): ApprovalMemory => {
  const keys = new Set<string>()
  return {
    has: (key) => keys.has(key),
    remember: (key) => {
      keepNewest(keys, 10_000).add(key)
    },
  }
}
