// The cell program: loads a driver and an artifact, keeps instances, runs calls. It runs in a thread, in the host's own
// thread or in a jailed process, and knows only its channel. It never decides what a guest may do: host calls go out.

import type { HostReply } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, type Json, type JsonObject } from '@bulkhead/kernel/wire'
import { artifactFromContent } from './artifact.ts'
import type { Channel } from './channel.ts'
import type { Driver, GuestCall } from './driver.ts'
import { makeEngine } from './engine.ts'
import type { NoteDiscarded } from './garbage-node.ts'
import { InstancePool } from './instance-pool.ts'
import { boundLog, type Log } from './log-budget.ts'
import { type Answer, type IncomingCall, type OutgoingCall, Peer } from './peer.ts'

/** Runs the program on one end of a channel. `noteDiscarded` hears of the memory of instances that are dropped. */
export const runProgram = (channel: Channel, noteDiscarded: NoteDiscarded = () => undefined): void => {
  let pool: InstancePool | undefined
  const running = new Set<number>()
  // Of what runs outside a call (a module's top level), each call may cause as much again.
  const makeOutside = (): Log => boundLog((level, message) => peer.log(0, level, message))
  let outside = makeOutside()

  const load = async (call: IncomingCall): Promise<Answer> => {
    const { driver } = (await import(String(call.head.driver))) as { driver: Driver }
    const artifact = artifactFromContent(call.content)
    const guest = await driver.load(artifact, makeEngine(artifact.limits), (level, message) => outside(level, message))
    const { isolation, limits } = artifact
    pool = new InstancePool(guest, { isolation, limits, noteDiscarded })
    return valueAnswer({}, guest.actions as unknown as Json)
  }

  const run = async (call: IncomingCall): Promise<Answer> => {
    if (pool === undefined) throw new BulkheadError('host.internal', 'a call came before the artifact was loaded')
    const { head, id, signal } = call
    const alive = (): boolean => running.has(id) && !signal.aborted
    const guestCall: GuestCall = {
      callId: String(head.callId),
      action: String(head.action),
      contextKey: String(head.contextKey),
      input: call.content,
      output: head.output === 'raw' ? 'raw' : 'value',
      signal,
      log: boundLog((level, message) => {
        if (alive()) peer.log(id, level, message)
      }),
      dispatch: async (name, payload): Promise<HostReply> => {
        if (!alive()) return { ok: false, error: new BulkheadError('call.cancelled', 'the call is over').toJSON() }
        const hostCall = peer.call({ op: 'host', run: id, name }, { kind: 'value', payload })
        return hostReply(hostCall, signal)
      },
    }
    running.add(id)
    outside = makeOutside()
    try {
      const { result, memoryBytes } = await pool.run(guestCall)
      return { head: { memoryBytes }, content: result.output }
    } finally {
      running.delete(id)
    }
  }

  const peer = new Peer(channel, {
    maxContentBytes: Number.POSITIVE_INFINITY,
    log: () => undefined,
    malformed: (error) => {
      throw error
    },
    call: (call) => {
      if (call.head.op === 'load') return load(call)
      if (call.head.op === 'run') return run(call)
      throw new BulkheadError('host.internal', 'the cell does not know that operation')
    },
  })
}

/** The reply to a host call; when the call is over first, the reply says so and the real one is dropped. */
const hostReply = (hostCall: OutgoingCall, signal: AbortSignal): Promise<HostReply> =>
  new Promise((resolve) => {
    const abort = (): void => {
      hostCall.forget()
      resolve({ ok: false, error: new BulkheadError('call.cancelled', 'the call was cancelled').toJSON() })
    }
    signal.addEventListener('abort', abort, { once: true })
    void hostCall.answer
      .then(
        ({ content }): HostReply =>
          content.kind === 'value'
            ? { ok: true, payload: content.payload }
            : {
                ok: false,
                error: new BulkheadError('host.internal', 'a host call was answered with raw bytes').toJSON(),
              },
        (thrown: unknown): HostReply => ({ ok: false, error: asBulkheadError(thrown).toJSON() }),
      )
      .then((reply) => {
        signal.removeEventListener('abort', abort)
        resolve(reply)
      })
  })

const valueAnswer = (head: JsonObject, value: Json): Answer => ({
  head,
  content: { kind: 'value', payload: { json: JSON.stringify(value) } },
})
