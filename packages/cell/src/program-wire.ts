// The cell program behind a wire: what arrives becomes its loads and calls, what its calls ask of the host goes out.

import type { Awaitable, HostReply, LogLevel, Payload } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError, type Json } from '@bulkhead/kernel/wire'
import { artifactFromContent } from './artifact.ts'
import type { Channel } from './channel.ts'
import type { LazyAbort } from './lazy-abort.ts'
import { Peer } from './peer.ts'
import type { Answer, GivenAnswer, GivenError, IncomingCall } from './peer-calls.ts'
import { cancelledError, type LoadRequest, type Program, type RunLink, type RunOutcome } from './program.ts'

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
      new CallLink(peer, call),
    )
    return valueAnswer(actions as unknown as Json)
  }

  const run = (call: IncomingCall): Awaitable<GivenAnswer | GivenError> => {
    const { head } = call
    const outcome = program.run(
      {
        guest: Number(head.guest),
        action: String(head.action),
        contextKey: String(head.contextKey),
        output: head.output === 'raw' ? 'raw' : 'value',
        input: call.content,
        bounds: {
          cpuMs: numberOf(head.cpuMs),
          // Each thread has a clock of its own.
          wallDeadlineMs: typeof head.wallMs === 'number' ? performance.now() + head.wallMs : undefined,
          fuel: numberOf(head.fuel),
        },
      },
      new CallLink(peer, call),
    )
    return outcome instanceof Promise ? outcome.then(answerOf) : answerOf(outcome)
  }

  const peer = new Peer(channel, {
    isTrusted: true,
    maxContentBytes: Number.POSITIVE_INFINITY,
    log: () => undefined,
    malformed: (error) => {
      throw error
    },
    call: (call) => {
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

/** The way back of one call over the wire. */
class CallLink implements RunLink {
  readonly #peer: Peer
  readonly #call: IncomingCall

  constructor(peer: Peer, call: IncomingCall) {
    this.#peer = peer
    this.#call = call
  }

  get isCancelled(): boolean {
    return this.#call.isCancelled
  }

  onCancel(run: () => void): void {
    this.#call.onCancel(run)
  }

  log(level: LogLevel, message: string): void {
    this.#peer.log(this.#call.id, level, message)
  }

  dispatch(name: string, payload: Payload, over: LazyAbort): Promise<HostReply> {
    return hostReply(this.#peer, { run: this.#call.id, name, payload, over })
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

const answerOf = (outcome: RunOutcome): GivenAnswer | GivenError => {
  const { cpuMs, fuelUsed } = outcome.usage
  const head: Record<string, number> = 'error' in outcome ? { cpuMs } : { memoryBytes: outcome.memoryBytes, cpuMs }
  if (fuelUsed !== undefined) head['fuelUsed'] = fuelUsed
  return 'error' in outcome ? { head, error: outcome.error } : { head, content: outcome.output, owned: true }
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
