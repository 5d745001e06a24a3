// The peer's calls that are under way here: at most so many, each with a signal that its cancellation aborts, and each
// answered exactly once.

import { BulkheadError, type Awaitable, type Json } from '@bulkhead/kernel'
import { z } from 'zod'
import { rpcErrorOf } from './failure.ts'
import { describeIssues, type RpcError, rpcCodes, type RpcId } from './message.ts'
import type { RpcMethod } from './method.ts'

/** Answers a request of the peer's. What it throws goes back as an error; the signal aborts when nobody waits any more. */
export interface ServedMethod {
  readonly method: RpcMethod
  answer(params: never, signal: AbortSignal): Awaitable<unknown>
}

/** A method with its answer; checked together, stored apart from its types. */
export const serve = <Params extends z.ZodType, Result extends z.ZodType>(
  method: RpcMethod<Params, Result>,
  answer: (params: z.output<Params>, signal: AbortSignal) => Awaitable<z.input<Result>>,
): ServedMethod => ({ method, answer })

/** What goes back. */
export type Answer = { readonly id: RpcId } & ({ readonly result: Json } | { readonly error: RpcError })

/** See the file's head. */
export class ServedCalls {
  readonly #methods: ReadonlyMap<string, ServedMethod>
  readonly #maxCalls: number
  readonly #reply: (answer: Answer) => void
  readonly #underWay = new Map<RpcId, AbortController>()

  constructor(served: readonly ServedMethod[], maxCalls: number, reply: (answer: Answer) => void) {
    this.#methods = new Map(served.map((one) => [one.method.name, one]))
    this.#maxCalls = maxCalls
    this.#reply = reply
  }

  get size(): number {
    return this.#underWay.size
  }

  /** @throws BulkheadError `protocol.violation` for an id that is under way */
  start(id: RpcId, name: string, params: unknown): void {
    if (this.#underWay.has(id)) {
      throw new BulkheadError('protocol.violation', 'the plugin made two calls with one id at once')
    }
    const served = this.#methods.get(name)
    if (served === undefined) {
      this.#reply({ id, error: { code: rpcCodes.methodNotFound, message: `there is no method ${name} here` } })
      return
    }
    if (this.#underWay.size >= this.#maxCalls) {
      const error = new BulkheadError('limit.concurrency', `${this.#maxCalls} calls of this plugin are under way`)
      this.#reply({ id, error: rpcErrorOf(error) })
      return
    }
    const controller = new AbortController()
    this.#underWay.set(id, controller)
    void this.#run(id, served, { params, controller })
  }

  /** Cancels a call; one that is over, or never was, is none of its business. */
  cancel(id: RpcId): void {
    this.#underWay.get(id)?.abort(new BulkheadError('call.cancelled', 'the plugin cancelled its call'))
  }

  /** Aborts all of them; nothing is answered any more. */
  abortAll(reason: BulkheadError): void {
    const controllers = [...this.#underWay.values()]
    this.#underWay.clear()
    for (const controller of controllers) controller.abort(reason)
  }

  async #run(id: RpcId, served: ServedMethod, call: { params: unknown; controller: AbortController }): Promise<void> {
    const { controller } = call
    const outcome = await settle(served, call.params, controller.signal)
    // After abortAll the id may belong to another call or to none.
    if (this.#underWay.get(id) !== controller) return
    this.#underWay.delete(id)
    this.#reply({ id, ...outcome })
  }
}

const settle = async (
  { method, answer }: ServedMethod,
  given: unknown,
  signal: AbortSignal,
): Promise<{ result: Json } | { error: RpcError }> => {
  const params = method.params.safeParse(given ?? {})
  if (!params.success) {
    return {
      error: { code: rpcCodes.invalidParams, message: `params of ${method.name}: ${describeIssues(params.error)}` },
    }
  }
  try {
    const result = method.result.safeParse(await answer(params.data as never, signal))
    if (!result.success) throw new Error(`an answer to ${method.name} does not fit: ${describeIssues(result.error)}`)
    return { result: (result.data ?? null) as Json }
  } catch (thrown) {
    return { error: rpcErrorOf(thrown) }
  }
}
