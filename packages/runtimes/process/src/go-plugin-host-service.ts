// bulkhead.plugin.v1.Host: what a plugin reaches of the host, on behalf of a call that is under way for it. A call is known by
// a handle that cannot be guessed and that is worth nothing once the call is over. It decides nothing: what is asked goes to
// the dispatch of its own call.

import { randomBytes } from 'node:crypto'
import {
  asBulkheadError,
  BulkheadError,
  errorFromWire,
  escapeLine,
  type Json,
  type LogLevel,
  packPayload,
  parseJson,
  unpackPayload,
  type WireError,
} from '@bulkhead/kernel'
import type { ServedMethods } from '@bulkhead/go-plugin'
import { decodeBytes, encodeBytes, type ProcessActionCall } from '@bulkhead/protocols'

/** Caps on the JSON of a host call, as in the dialect of JSON-RPC. */
const inputCaps = { maxLength: 16 * 1024 * 1024, maxDepth: 128, maxMembers: 250_000 }
/** What one call may log, characters. */
const mostCallLog = 1024 * 1024
/** Longest message of a line, characters. */
const maxLogLength = 8192
const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error'] satisfies LogLevel[])

/** A call under way. Disposing it ends its host calls; its handle is forgotten. */
export interface OpenCall extends Disposable {
  readonly handle: string
}

/** The calls that are under way in one process. */
export interface OpenCalls {
  begin(call: ProcessActionCall): OpenCall
  /** The call of a handle, while it is under way. */
  find(handle: string): Pick<ProcessActionCall, 'log'> | undefined
  /** The methods of the service. */
  readonly methods: ServedMethods
}

interface Entry {
  readonly call: Pick<ProcessActionCall, 'dispatch' | 'log'>
  readonly over: AbortController
}

/** Makes the calls of one process; lines that belong to none of them go to `log`. */
export const makeOpenCalls = (log: ProcessActionCall['log']): OpenCalls => {
  const open = new Map<string, Entry>()
  return {
    begin: (call) => {
      const handle = randomBytes(16).toString('base64url')
      const over = new AbortController()
      open.set(handle, { call: { dispatch: call.dispatch, log: boundedLog(call) }, over })
      return {
        handle,
        [Symbol.dispose]: () => {
          open.delete(handle)
          over.abort()
        },
      }
    },
    find: (handle) => open.get(handle)?.call,
    methods: {
      Call: async (request, signal) => {
        const { call, function: name, input_json } = request as { call: string; function: string; input_json: Buffer }
        try {
          return { output_json: await answer(open.get(call), { name, input: input_json, signal }) }
        } catch (thrown) {
          return { error: errorFields(asBulkheadError(thrown).toJSON()) }
        }
      },
      Log: async (request) => {
        const { call, level, message } = request as { call: string; level: string; message: string }
        const write = open.get(call)?.call.log ?? log
        write(levels.has(level) ? (level as LogLevel) : 'info', escapeLine(message, maxLogLength))
        return {}
      },
    },
  }
}

/** Lines of one call, up to a limit. */
const boundedLog = ({ log }: ProcessActionCall): ProcessActionCall['log'] => {
  let left = mostCallLog
  return (level, message) => {
    if (left <= 0) return
    left -= message.length + 1
    log(level, message)
    if (left <= 0) log('warn', `the call logged more than ${mostCallLog} characters; the rest is dropped`)
  }
}

const answer = async (
  entry: Entry | undefined,
  asked: { readonly name: string; readonly input: Buffer; readonly signal: AbortSignal },
): Promise<Buffer> => {
  if (entry === undefined)
    throw new BulkheadError('call.cancelled', 'the call is not under way', {
      hint: 'Name the call of a request that was not answered yet.',
    })
  const { name, input, signal } = asked
  const payload = packPayload(decodeBytes(parseInput(input), 'input.invalid'))
  const ended = untilAborted(AbortSignal.any([entry.over.signal, signal]))
  const reply = await Promise.race([entry.call.dispatch(name, payload), ended])
  if (!reply.ok) throw errorFromWire(reply.error)
  const output = encodeBytes(unpackPayload(reply.payload, `the reply of ${name}`))
  return Buffer.from(JSON.stringify(output))
}

const parseInput = (bytes: Buffer): Json => {
  if (bytes.length === 0) return null
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new BulkheadError('input.not-json', 'the input of a host call is not UTF-8', { cause })
  }
  return parseJson(text, 'the input of a host call', inputCaps)
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(new BulkheadError('call.cancelled', 'the call is over'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

/** Of `HostError`; all texts, as protobuf has them. */
const errorFields = ({ code, message, hint = '', id = '' }: WireError): object => ({ code, message, hint, id })
