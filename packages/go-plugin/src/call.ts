// Makes single calls over a connection: within its bounds, cut off when their caller cancels or the connection ends, with
// typed errors. Answers leave gRPC as bytes and are decoded here, because an error thrown inside gRPC loses its type.

import { type Client, Metadata } from '@grpc/grpc-js'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { callError, type StatusFacts } from './call-error.ts'
import { decode } from './decode.ts'
import type { Method } from './definitions.ts'

/** Bounds of a connection. */
export interface ConnectionBounds {
  /** Largest message in either direction, bytes. */
  readonly maxMessageBytes: number
}

/** Options of one call. */
export interface CallOptions {
  /** Ends the call; the error is what it was aborted with, or `call.cancelled`. */
  readonly signal?: AbortSignal
  /** Largest answer of this call, bytes; the connection's bound when absent. */
  readonly maxResponseBytes?: number
  /** Most fields at the top of the answer, repeated ones counted each; 256 when absent. */
  readonly maxFields?: number
}

const defaultMaxFields = 256

/** For whom a call is made, as the plugin is told. */
export interface CallNotice {
  /** The host's name for the call; the plugin gives it back with each host call. */
  readonly call: string
  /** The time that is left, ms; no end when absent. The plugin is told of it and held to nothing by it. */
  readonly deadlineMs?: number
}

const maxDeadlineMs = 0xffff_ffff

/** The fields of a message that say so; every such message has them. */
export const noticeFields = ({ call, deadlineMs = 0 }: CallNotice): { call: string; deadline_ms: number } => ({
  call,
  deadline_ms: Number.isFinite(deadlineMs) ? Math.min(maxDeadlineMs, Math.max(0, Math.ceil(deadlineMs))) : 0,
})

/** One call over one connection. */
export interface OneCall extends CallOptions {
  readonly bounds: ConnectionBounds
  /** How the calls under way are cut off; this one is in it while it lasts. */
  readonly running: Set<() => void>
  readonly method: Method
  readonly request: object
}

const asIs = (bytes: Buffer): Buffer => bytes

/** Makes a call with one answer. @throws BulkheadError as `Connection.call` */
export const callOnce = async (client: Client, call: OneCall): Promise<object> => {
  const { bounds, method } = call
  const request = packRequest(call)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const made = client.makeUnaryRequest(
    method.path,
    asIs,
    asIs,
    request,
    new Metadata(),
    (error: (StatusFacts & Error) | null, bytes?: Buffer) => {
      if (error !== null) reject(cut.reason ?? callError(error, method.path, bounds.maxMessageBytes))
      else if (bytes === undefined) reject(new BulkheadError('protocol.violation', `${method.path} had no answer`))
      else resolve(bytes)
    },
  )
  using cut = cuttingOff(call, () => made.cancel())
  return decode(method, await promise, decodeBounds(call))
}

/** Makes a call with many answers. @throws BulkheadError as `Connection.call` */
export async function* streamAnswers(client: Client, call: OneCall): AsyncGenerator<object, void, undefined> {
  const { bounds, method } = call
  const made = client.makeServerStreamRequest(method.path, asIs, asIs, packRequest(call))
  // The loop below reports errors; one that comes after it has nobody to tell.
  made.on('error', () => {})
  using cut = cuttingOff(call, () => made.cancel())
  try {
    for await (const bytes of made) yield decode(method, bytes as Buffer, decodeBounds(call))
  } catch (error) {
    if (error instanceof BulkheadError) throw error
    throw cut.reason ?? callError(error as StatusFacts & Error, method.path, bounds.maxMessageBytes)
  } finally {
    made.cancel()
  }
}

const packRequest = ({ bounds, method, signal, request }: OneCall): Buffer => {
  if (signal?.aborted === true) throw asBulkheadError(signal.reason, 'call.cancelled')
  const bytes = method.serialize(request)
  if (bytes.length <= bounds.maxMessageBytes) return bytes
  throw new BulkheadError(
    'input.too-large',
    `the message for ${method.path} has ${bytes.length} bytes; at most ${bounds.maxMessageBytes} are sent`,
  )
}

const decodeBounds = ({
  bounds,
  maxResponseBytes = bounds.maxMessageBytes,
  maxFields = defaultMaxFields,
}: OneCall) => ({
  maxResponseBytes: Math.min(maxResponseBytes, bounds.maxMessageBytes),
  maxFields,
})

/** Cuts the call off when its caller cancels or its connection ends, until it is disposed; `reason` says which it was. */
const cuttingOff = (
  { running, method, signal }: OneCall,
  cancel: () => void,
): Disposable & { readonly reason: BulkheadError | undefined } => {
  let reason: BulkheadError | undefined
  const abort = (): void => {
    reason ??= asBulkheadError(signal?.reason, 'call.cancelled')
    cancel()
  }
  const end = (): void => {
    reason ??= new BulkheadError('plugin.crashed', `the plugin was gone during ${method.path}`)
    cancel()
  }
  running.add(end)
  signal?.addEventListener('abort', abort, { once: true })
  return {
    get reason() {
      return reason
    },
    [Symbol.dispose]: () => {
      running.delete(end)
      signal?.removeEventListener('abort', abort)
    },
  }
}
