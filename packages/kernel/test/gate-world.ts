// A gate in a world of fakes, for its tests.

import type { AuditEvent } from '../src/audit/record.ts'
import type { CallContext } from '../src/call/context.ts'
import { parseCapability } from '../src/capability/parse.ts'
import type { Risk } from '../src/function/risk.ts'
import { type GatePorts, makeGate } from '../src/gate/make-gate.ts'
import { defaultLimits } from '../src/limits.ts'
import type { Principal } from '../src/principal.ts'

/** A principal that is told apart by name and digest. */
export const principal = (name: string, digest = 'd1'): Principal => ({ id: `file:/p/${name}#${name}`, name, digest })
export const mail = principal('mail')
export const agent = principal('agent')

/** One question to the gate. */
export interface Ask {
  readonly capability: string
  readonly by?: Principal
  readonly chain?: readonly Principal[]
  readonly risk?: Risk
  readonly following?: string
  readonly inputHash?: string
  readonly context?: Partial<CallContext>
}

/** A gate with a recording audit log, grants by plugin name, and timers that the test runs itself. */
export const world = (ports: Partial<GatePorts> = {}, grants: Record<string, readonly string[]> = {}) => {
  const records: { event: AuditEvent; urgency: string }[] = []
  const timers: { ms: number; run: () => void }[] = []
  const gate = makeGate({
    audit: {
      append: async (event, urgency) => {
        records.push({ event, urgency })
        return `r${records.length}`
      },
    },
    grants: { grantsFor: ({ name }) => grants[name] ?? [] },
    policy: {},
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (ms, run) => {
        const timer = { ms, run }
        timers.push(timer)
        return { [Symbol.dispose]: () => timers.splice(timers.indexOf(timer), 1) }
      },
    },
    ...ports,
  })
  const decide = ({
    capability,
    by = mail,
    chain = [],
    risk = 'write',
    inputHash = 'h1',
    following,
    context = {},
  }: Ask) =>
    gate.decide({
      context: {
        callId: 'c1',
        principal: by,
        chain,
        action: 'run',
        workspaceRoot: '/srv',
        deadlineMs: 1e9,
        limits: defaultLimits,
        signal: new AbortController().signal,
        ...context,
      },
      function: 'test.call',
      capabilities: [parseCapability(capability)],
      risk,
      inputHash,
      ...(following === undefined ? {} : { following }),
    })
  const layer = async (ask: Ask): Promise<string> => {
    const decision = await decide(ask)
    return decision.allow ? 'allowed' : decision.why.layer
  }
  return { gate, decide, layer, records, timers }
}

/** A world in which `mail` is registered, asks for everything and has these grants. */
export const known = (ports: Partial<GatePorts> = {}, grants: readonly string[] = ['*']) => {
  const made = world(ports, { mail: grants, agent: grants })
  made.gate.register(mail, { asks: ['*'], denies: [] })
  return made
}
