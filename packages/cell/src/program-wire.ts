// The cell program behind a wire: what arrives becomes its loads and calls, what its calls ask of the host goes out.

import type { HostReply, Payload } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, type Json, type JsonObject } from '@bulkhead/kernel/wire'
import { artifactFromContent } from './artifact.ts'
import type { Channel } from './channel.ts'
import type { LazyAbort } from './lazy-abort.ts'
import { Peer } from './peer.ts'
import type { Answer, GivenAnswer, GivenError, IncomingCall } from './peer-calls.ts'
import { cancelledError, type Link, type LoadRequest, type Program, type RunLink } from './program.ts'

/** Serves the program on one end of a channel. */
export const serveProgram = (channel: Channel, program: Program): void => {
  const load = async (call: IncomingCall): Promise<Answer> => {
    const features = call.head.features as LoadRequest['features']
    const actions = await program.load(
      {
        guest: Number(call.head.guest),
        driver: String(call.head.driver),
        artifact: artifactFromContent(call.content),
        ...(features === undefined ? {} : { features }),
      },
      linkOf(call),
    )
    return valueAnswer(actions as unknown as Json)
  }

  const run = async (call: IncomingCall): Promise<GivenAnswer | GivenError> => {
    const { head } = call
    const link: RunLink = {
      ...linkOf(call),
      get isCancelled() {
        return call.isCancelled
      },
      dispatch: (name, payload, over) => hostReply(peer, { run: call.id, name, payload, over }),
    }
    const outcome = await program.run(
      {
        guest: Number(head.guest),
        action: String(head.action),
        contextKey: String(head.contextKey),
        output: head.output === 'raw' ? 'raw' : 'value',
        input: call.content,
        bounds: {
          ...(typeof head.cpuMs === 'number' ? { cpuMs: head.cpuMs } : {}),
          // Each thread has a clock of its own.
          ...(typeof head.wallMs === 'number' ? { wallDeadlineMs: performance.now() + head.wallMs } : {}),
          ...(typeof head.fuel === 'number' ? { fuel: head.fuel } : {}),
        },
      },
      link,
    )
    const usage: JsonObject = { ...outcome.usage }
    if ('error' in outcome) return { head: usage, error: outcome.error }
    return { head: { memoryBytes: outcome.memoryBytes, ...usage }, content: outcome.output, owned: true }
  }

  const linkOf = (call: IncomingCall): Link => ({
    get isCancelled() {
      return call.isCancelled
    },
    onCancel: (cancelled) => call.onCancel(cancelled),
    log: (level, message) => peer.log(call.id, level, message),
  })

  const peer = new Peer(channel, {
    isTrusted: true,
    maxContentBytes: Number.POSITIVE_INFINITY,
    log: () => undefined,
    malformed: (error) => {
      throw error
    },
    call: async (call) => {
      switch (call.head.op) {
        case 'run':
          return run(call)
        case 'load':
          return load(call)
        case 'unload':
          program.unload(Number(call.head.guest))
          return valueAnswer(null)
        default:
          throw new BulkheadError('host.internal', 'the cell does not know that operation')
      }
    },
  })
}

/** The reply to a host call; when the call is over first, the reply says so and the real one is dropped. */
const hostReply = (
  peer: Peer,
  { run, name, payload, over }: { run: number; name: string; payload: Payload; over: LazyAbort },
): Promise<HostReply> =>
  new Promise((resolve) => {
    const hostCall = peer.call({ op: 'host', run, name }, { kind: 'value', payload })
    const stop = over.listen(() => {
      hostCall.forget()
      resolve({ ok: false, error: cancelledError().toJSON() })
    })
    hostCall.answer.then(
      ({ content }) => {
        stop()
        resolve(
          content.kind === 'value'
            ? { ok: true, payload: content.payload }
            : {
                ok: false,
                error: new BulkheadError('host.internal', 'a host call was answered with raw bytes').toJSON(),
              },
        )
      },
      (thrown: unknown) => {
        stop()
        resolve({ ok: false, error: asBulkheadError(thrown).toJSON() })
      },
    )
  })

const valueAnswer = (value: Json): Answer => ({
  head: {},
  content: { kind: 'value', payload: { json: JSON.stringify(value) } },
})
