// What a cell asks of the host for a call that is under way in it. The cell may be anybody's by now: a host call acts for a run
// that the host knows to be under way there, or for none.

import type { HostReply } from '@bulkhead/kernel'
import { BulkheadError, errorFromWire, type JsonObject } from '@bulkhead/kernel/wire'
import type { GivenAnswer, IncomingCall } from './peer-calls.ts'
import type { Run } from './run.ts'

/** See the file's head. */
export class HostCalls {
  readonly #runs: ReadonlyMap<number, Run>
  readonly #noteUnasked: () => void

  /** `runs` by their ids; `noteUnasked` is told of what no sound cell sends. */
  constructor(runs: ReadonlyMap<number, Run>, noteUnasked: () => void) {
    this.#runs = runs
    this.#noteUnasked = noteUnasked
  }

  /** See `PeerHandlers.admit`. */
  admit(call: IncomingCall, bytes: number): () => void {
    const run = this.#underWay(call.head)
    run.arrived.add(call.id)
    if (++run.hostCalls > run.request.context.limits.hostCalls) this.#noteUnasked()
    try {
      return run.line.hold(bytes)
    } catch (thrown) {
      this.#noteUnasked()
      throw thrown
    }
  }

  /** Runs it. Rejects with a BulkheadError. */
  async answer({ head, content }: IncomingCall): Promise<GivenAnswer> {
    const run = this.#underWay(head)
    if (content.kind !== 'value' || typeof head.name !== 'string') {
      throw new BulkheadError('host.internal', 'a host call is malformed')
    }
    await run.line.enter()
    let reply: HostReply
    try {
      if (isOver(run)) throw callIsOver()
      reply = await run.request.dispatch(head.name, content.payload)
      if (!reply.ok) {
        if (reply.error.id !== undefined) run.errorIds.add(reply.error.id)
        throw errorFromWire(reply.error)
      }
    } catch (thrown) {
      run.line.leave()
      throw thrown
    }
    return { head: {}, content: { kind: 'value', payload: reply.payload }, taken: () => run.line.leave() }
  }

  #underWay(head: JsonObject): Run {
    const run = head.op === 'host' && typeof head.run === 'number' ? this.#runs.get(head.run) : undefined
    if (run !== undefined && !run.over) return run
    this.#noteUnasked()
    throw callIsOver()
  }
}

/** Asked anew after a wait. */
const isOver = (run: Run): boolean => run.over

const callIsOver = (): BulkheadError => new BulkheadError('call.cancelled', 'the call is over')
