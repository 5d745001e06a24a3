// The one door with a gate that only knows a grant, for tests of the services: what they do with a permit, and what
// they ask again on the way.

import { createHash, randomUUID } from 'node:crypto'
import {
  type AnyHostFunction,
  type BulkheadError,
  type CallContext,
  defaultLimits,
  errorFromWire,
  type Gate,
  type Limits,
  makeDispatcher,
  makeFunctionTable,
  packPayload,
  unpackPayload,
} from '@bulkhead/kernel'
import { canonicaliseCapability } from '../packages/kernel/src/capability/canonical.ts'
import { formatCapability } from '../packages/kernel/src/capability/format.ts'
import { makeCapabilitySet } from '../packages/kernel/src/capability/set.ts'

/** Options of {@link openDoor}. */
export interface DoorOptions {
  readonly functions: readonly AnyHostFunction[]
  readonly grants?: readonly string[]
  readonly principal?: string
  readonly workspaceRoot?: string
  readonly limits?: Partial<Limits>
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
  /** Ends the call. */
  abort(reason: BulkheadError): void
}

/** Opens the door. */
export const openDoor = (options: DoorOptions): Door => {
  const { principal = 'file:/test#plugin', workspaceRoot = '/nowhere' } = options
  const decisions: string[] = []
  const ended = new AbortController()
  const set = makeCapabilitySet(options.grants ?? [], { workspaceRoot })
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
  const gate: Gate = {
    decide: (request) => {
      const capabilities = request.capabilities.map((capability) =>
        canonicaliseCapability(capability, { workspaceRoot }),
      )
      const refused = capabilities.find((capability) => !set.containsNamed(capability))
      for (const capability of capabilities) {
        decisions.push(`${set.containsNamed(capability) ? 'allowed' : 'denied'} ${formatCapability(capability)}`)
      }
      const recordId = String(decisions.length)
      if (refused === undefined) return Promise.resolve({ allow: true, recordId, capabilities })
      const capability = formatCapability(refused)
      const message = `plugin may not use ${capability}`
      return Promise.resolve({ allow: false, recordId, why: { layer: 'grant', capability, principal, message } })
    },
  }
  const session = makeDispatcher({
    functions: makeFunctionTable(options.functions),
    gate,
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after: () => ({ [Symbol.dispose]: () => {} }),
    },
    crypto: {
      newId: () => randomUUID().replaceAll('-', ''),
      sha256: (data) => createHash('sha256').update(data).digest('hex'),
    },
    hostCallSignal: (parent) => ({ signal: parent, [Symbol.dispose]: () => {} }),
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
    abort: (reason) => ended.abort(reason),
  }
}
