// A JSON-RPC 2.0 peer over a pair of streams: one line, one message, both directions. It knows nothing of plugins: what
// is said and what is served comes from the dialects above it. Everything that the other side sends is hostile.

import { BulkheadError, Deadlines, escapeLine, type Json, type RosterEntry } from '@bulkhead/kernel'
import type { z } from 'zod'
import { defaultJsonRpcBounds, type JsonRpcBounds } from './bounds.ts'
import { errorFromPeer, rpcErrorOf } from './failure.ts'
import {
  describeIssues,
  type RpcError,
  rpcCodes,
  type RpcId,
  type RpcMessage,
  type SentMessage,
  writeMessage,
} from './message.ts'
import type { RpcMethod, RpcNotice } from './method.ts'
import {
  type HeardNotice,
  type JsonRpcPeer,
  type JsonRpcPeerOptions,
  lspCancel,
  type PeerCallOptions,
} from './options.ts'
import { Outbox } from './outbox.ts'
import { MessageReader } from './reader.ts'
import { SentCalls } from './sent-calls.ts'
import { type Answer, ServedCalls } from './served-calls.ts'
import { nodeStreams } from './streams.ts'

/** Opens a peer on a pair of streams, which are its own from then on. */
export const openJsonRpcPeer = (options: JsonRpcPeerOptions): JsonRpcPeer => new Peer(options)

class Peer implements JsonRpcPeer {
  readonly closed: Promise<BulkheadError>
  readonly #bounds: JsonRpcBounds
  readonly #options: JsonRpcPeerOptions
  readonly #reader: MessageReader
  readonly #outbox: Outbox
  readonly #deadlines: Deadlines
  readonly #sent: SentCalls<unknown>
  readonly #served: ServedCalls
  readonly #heard: ReadonlyMap<string, HeardNotice>
  readonly #tellClosed: (error: BulkheadError) => void
  #end: BulkheadError | undefined
  #inputEnd: BulkheadError | undefined
  #isOpen = false
  #unheard = 0

  constructor(options: JsonRpcPeerOptions) {
    this.#options = options
    this.#bounds = { ...defaultJsonRpcBounds, ...options.bounds }
    const { promise, resolve } = Promise.withResolvers<BulkheadError>()
    this.closed = promise
    this.#tellClosed = resolve
    this.#deadlines = new Deadlines(options.clock)
    this.#sent = new SentCalls(this.#bounds)
    this.#served = new ServedCalls(options.serves ?? [], this.#bounds.maxCallsIn, (answer) => this.#reply(answer))
    this.#heard = new Map((options.hears ?? []).map((one) => [one.notice.name, one]))
    const { readable, writable } = nodeStreams(options.streams)
    this.#outbox = new Outbox(writable, this.#bounds.maxWaitingBytes)
    // A pipe that the peer closed shows on the next write; what it said before it counts all the same.
    writable.on('error', (cause: Error) => {
      this.#inputEnd ??= new BulkheadError(
        'plugin.crashed',
        `the plugin closed its input: ${escapeLine(cause.message)}`,
        { cause },
      )
    })
    this.#reader = new MessageReader(readable, options.clock, {
      bounds: this.#bounds,
      sink: {
        receive: (message) => this.#receive(message),
        stray: (text) => this.#log(`a line that is no message was dropped: ${escapeLine(text, 200)}`),
        end: (error) => this.refuse(error),
      },
    })
  }

  get statistics(): JsonRpcPeer['statistics'] {
    return {
      heldBytes: this.#reader.heldBytes,
      waitingBytes: this.#outbox.waitingBytes,
      callsOut: this.#sent.size,
      callsIn: this.#served.size,
      abandoned: this.#sent.abandoned,
      unsolicited: this.#sent.unsolicited,
      late: this.#sent.late,
      strayLines: this.#reader.strayLines,
      unheard: this.#unheard,
      isThrottled: this.#reader.isThrottled,
    }
  }

  async call<Params extends z.ZodType, Result extends z.ZodType>(
    method: RpcMethod<Params, Result>,
    params: z.input<Params>,
    options: PeerCallOptions,
  ): Promise<z.output<Result>> {
    const { what = `the call ${method.name}` } = options
    const checkedParams = checked(method.params, params, what) as Json
    const answer = await this.#ask(method.name, checkedParams, { ...options, what })
    const result = method.result.safeParse(answer)
    if (result.success) return result.data
    throw new BulkheadError(
      'output.invalid',
      `the answer to ${what} does not fit: ${escapeLine(describeIssues(result.error))}`,
    )
  }

  notify<Params extends z.ZodType>(notice: RpcNotice<Params>, params: z.input<Params>): void {
    const what = `the notification ${notice.name}`
    const checkedParams = checked(notice.params, params, what) as Json
    this.#requireOpenInput()
    if (!this.#write({ method: notice.name, params: checkedParams })) throw stalled(what)
  }

  open(): void {
    this.#isOpen = true
    this.#reader.open()
  }

  endInput(): void {
    this.#inputEnd ??= new BulkheadError('call.cancelled', 'nothing more is sent to the plugin')
    this.#outbox.end()
  }

  refuse(error: BulkheadError): void {
    if (this.#end !== undefined) return
    this.#end = error
    this.#reader[Symbol.dispose]()
    this.#deadlines[Symbol.dispose]()
    this.#served.abortAll(error)
    this.#sent.failAll(error)
    // The author of a peer that broke the rules is told why, when the peer reads; nobody waits for that.
    if (error.code === 'protocol.violation') {
      this.#write({ id: null, error: { code: rpcCodes.invalidRequest, message: error.message } })
    }
    // What waits for a peer that does not read would wait without end.
    if (error.code === 'protocol.stalled') this.#outbox.destroy()
    else this.#outbox.end()
    this.#tellClosed(error)
  }

  [Symbol.dispose](): void {
    this.refuse(new BulkheadError('call.cancelled', 'the connection to the plugin was closed'))
    this.#outbox.destroy()
  }

  #ask(method: string, params: Json, options: PeerCallOptions & { what: string }): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const { what, signal } = options
    this.#requireOpenInput()
    if (signal?.aborted) throw cancelled(what, signal)
    let deadline: RosterEntry | undefined
    const over = (): void => {
      deadline?.leave()
      signal?.removeEventListener('abort', onAbort)
    }
    const id = this.#sent.add({
      what,
      settle: (answer) => {
        over()
        if (options.opens === true) this.open()
        resolve(answer)
      },
      fail: (error) => {
        over()
        reject(error)
      },
    })
    const abandon = (error: BulkheadError): void => {
      over()
      this.#sent.abandon(id)
      this.#tellCancelled(id)
      reject(error)
    }
    const onAbort = (): void => abandon(cancelled(what, signal))
    try {
      options.onId?.(id)
      if (!this.#write({ id, method, params })) throw stalled(what)
    } catch (thrown) {
      this.#sent.withdraw(id)
      throw thrown
    }
    deadline = this.#deadlines.add({
      deadlineMs: this.#options.clock.monotonic() + options.timeoutMs,
      overdue: () =>
        abandon(new BulkheadError('limit.time', `${what} was not answered within ${options.timeoutMs} ms`)),
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  #requireOpenInput(): void {
    const end = this.#end ?? this.#inputEnd
    if (end !== undefined) throw end
  }

  /** Whether it went out. @throws BulkheadError `input.invalid`, `input.too-large` */
  #write(message: SentMessage): boolean {
    return this.#outbox.offer(writeMessage(message, this.#bounds.maxLineBytes))
  }

  #tellCancelled(id: string): void {
    const { method, idKey } = this.#options.cancel ?? lspCancel
    this.#write({ method, params: { [idKey]: id } })
  }

  #reply(answer: Answer): void {
    if (this.#end !== undefined) return
    let isOut: boolean
    try {
      isOut = this.#write(answer)
    } catch (thrown) {
      isOut = this.#write({ id: answer.id, error: rpcErrorOf(thrown) })
    }
    // An answer can neither be dropped nor kept for a peer that does not read.
    if (!isOut) this.refuse(stalled('an answer'))
  }

  /** Whether the peer has to pay: answers that were waited for are free, for we asked. */
  #receive(message: RpcMessage): boolean {
    if (message.kind === 'result' || message.kind === 'failure') return this.#receiveAnswer(message)
    if (!this.#isOpen && this.#options.quietUntilOpen === true) {
      throw new BulkheadError(
        'protocol.handshake',
        `the plugin sent ${message.message.method} before its handshake was over`,
      )
    }
    const { method, params } = message.message
    if (message.kind === 'request') this.#served.start(message.message.id, method, params)
    else this.#receiveNotice(method, params)
    return true
  }

  #receiveAnswer(message: Extract<RpcMessage, { kind: 'result' | 'failure' }>): boolean {
    const call = this.#sent.take(message.message.id)
    if (call === undefined) return true
    if (message.kind === 'failure') call.fail(errorFromPeer(message.message.error as RpcError, call.what))
    else call.settle(message.message.result)
    return false
  }

  #receiveNotice(method: string, params: { readonly [key: string]: unknown } | undefined): void {
    const cancel = this.#options.cancel ?? lspCancel
    if (method === cancel.method) {
      const id = params !== undefined && Object.hasOwn(params, cancel.idKey) ? params[cancel.idKey] : undefined
      if (typeof id === 'string' || typeof id === 'number') this.#served.cancel(id as RpcId)
      return
    }
    const heard = this.#heard.get(method)
    const given = heard?.notice.params.safeParse(params ?? {})
    if (heard !== undefined && given?.success === true) return heard.hear(given.data as never)
    this.#unheard++
  }

  #log(message: string): void {
    this.#options.log?.('warn', message)
  }
}

const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new BulkheadError('input.invalid', `params of ${what} do not fit: ${describeIssues(parsed.error)}`)
}

const stalled = (what: string): BulkheadError =>
  new BulkheadError('protocol.stalled', `${what} was not sent: the plugin does not read what it was sent before`)

const cancelled = (what: string, signal: AbortSignal | undefined): BulkheadError =>
  signal?.reason instanceof BulkheadError ? signal.reason : new BulkheadError('call.cancelled', `${what} was cancelled`)
