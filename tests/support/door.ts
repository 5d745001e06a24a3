// The one door and the gate behind it, for tests of the services: what they do with a permit, and what they ask again
// on the way.

import { createHash, randomUUID } from 'node:crypto'
import {
  type AnyHostFunction,
  type AuditEvent,
  type BulkheadError,
  type CallContext,
  type CallSession,
  Deadlines,
  defaultLimits,
  errorFromWire,
  type Limits,
  makeDispatcher,
  makeFunctionTable,
  makeGate,
  packPayload,
  unpackPayload,
} from '@bulkhead/kernel'

/** Options of {@link openDoor}. */
export interface DoorOptions {
  readonly functions: readonly AnyHostFunction[]
  readonly grants?: readonly string[]
  readonly denies?: readonly string[]
  readonly protectedPaths?: readonly string[]
  readonly principal?: string
  readonly workspaceRoot?: string
  readonly limits?: Partial<Limits>
  /** Told of every record. */
  readonly onRecord?: (event: AuditEvent) => void
}

/** A door for one call. */
export interface Door {
  /** Calls as a guest would. @throws BulkheadError the error in the reply */
  call<T = Record<string, unknown>>(name: string, input: unknown): Promise<T>
  /** Calls and returns the error; fails when there is none. */
  refused(name: string, input: unknown): Promise<BulkheadError>
  /** `allowed <capability>` and `denied <capability>`, in order. */
  readonly decisions: readonly string[]
  readonly context: CallContext
  readonly session: CallSession
  /** Ends the call. */
  abort(reason: BulkheadError): void
}

/** Opens the door. */
export const openDoor = (options: DoorOptions): Door => {
  const { principal = 'file:/test#plugin', workspaceRoot = '/nowhere' } = options
  const decisions: string[] = []
  const ended = new AbortController()
  const context: CallContext = {
    callId: randomUUID().replaceAll('-', ''),
    principal: { id: principal, name: 'plugin', digest: '0'.repeat(64) },
    chain: [],
    action: 'test',
    workspaceRoot,
    deadlineMs: performance.now() + 60_000,
    limits: { ...defaultLimits, ...options.limits },
    signal: ended.signal,
  }
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms).unref()
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  }
  const append = (event: AuditEvent): Promise<string> => {
    options.onRecord?.(event)
    for (const capability of event.capabilities ?? []) decisions.push(`${event.result} ${capability}`)
    return Promise.resolve(String(decisions.length))
  }
  const gate = makeGate({
    audit: { append },
    grants: { grantsFor: () => options.grants ?? [] },
    policy: { protectedPaths: { paths: options.protectedPaths ?? [] } },
    clock,
  })
  gate.register(context.principal, { asks: [], denies: options.denies ?? [], manifestless: true })
  const session = makeDispatcher({
    functions: makeFunctionTable(options.functions),
    gate,
    clock,
    crypto: {
      newId: () => randomUUID().replaceAll('-', ''),
      sha256: (data) => createHash('sha256').update(data).digest('hex'),
    },
    deadlines: new Deadlines(clock),
    makeSignal: () => new AbortController(),
  })(context)

  const call = async <T>(name: string, input: unknown): Promise<T> => {
    const reply = await session.dispatch(name, packPayload(input))
    if (!reply.ok) throw errorFromWire(reply.error)
    return unpackPayload(reply.payload, 'the reply') as T
  }
  return {
    call,
    refused: async (name, input) => {
      try {
        await call(name, input)
      } catch (error) {
        return error as BulkheadError
      }
      throw new Error(`${name} was not refused`)
    },
    decisions,
    context,
    session,
    abort: (reason) => ended.abort(reason),
  }
}
