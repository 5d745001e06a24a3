// The one door and the gate behind it, for tests of the services: what they do with a permit, and what they ask again
// on the way.
import { createHash, randomUUID } from 'node:crypto'
import {
  Deadlines,
  defaultLimits,
  errorFromWire,
  makeDispatcher,
  makeFunctionTable,
  makeGate,
  packPayload,
  unpackPayload,
} from '@bulkhead/kernel'
/** Opens the door. */
export const openDoor = (options) => {
  const { principal = 'file:/test#plugin', workspaceRoot = '/nowhere' } = options
  const decisions = []
  const ended = new AbortController()
  const context = {
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
    after: (ms, run) => {
      const timer = setTimeout(run, ms).unref()
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  }
  const append = (event) => {
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
  const call = async (name, input) => {
    const reply = await session.dispatch(name, packPayload(input))
    if (!reply.ok) throw errorFromWire(reply.error)
    return unpackPayload(reply.payload, 'the reply')
  }
  return {
    call,
    refused: async (name, input) => {
      try {
        await call(name, input)
      } catch (error) {
        return error
      }
      throw new Error(`${name} was not refused`)
    },
    decisions,
    context,
    session,
    abort: (reason) => ended.abort(reason),
  }
}
//# sourceMappingURL=door.js.map
