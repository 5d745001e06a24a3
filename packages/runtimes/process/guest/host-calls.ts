// The host calls of the action that runs: each is a request on the wire for the host's gate. What waits for an answer when the
// action is over gets none.

import { makeHostError } from '../../../bundle/guest/failure.ts'
import { excessOf, type LineBounds } from './bounds.ts'
import { encodeValue } from './values.ts'

/** An answer as it stands on the wire. */
export interface Answer {
  readonly id: string
  readonly result?: { readonly output?: unknown }
  readonly error?: { readonly message?: unknown; readonly data?: unknown }
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
  /** Made where the plugin made the call; its trace is read when it fails. */
  readonly at: Error
}

const { stringify } = JSON
/** Characters; no host function has a longer name. */
const longestName = 200

/** See the file's head. */
export class HostCalls {
  readonly #write: (json: string) => void
  readonly #waiting = new Map<string, Waiting>()
  /** Requests that wait for others to be answered. */
  #line: string[] = []
  #underWay = 0
  #made = 0
  #callId: string | undefined
  /** As the host says: what a line holds, and how many calls are under way at once. */
  bounds: LineBounds & { readonly maxCallsIn: number } = { maxLineBytes: 0, maxDepth: 0, maxCallsIn: 0 }

  constructor(write: (json: string) => void) {
    this.#write = write
  }

  /** Whether the action waits for none. */
  get isIdle(): boolean {
    return this.#waiting.size === 0
  }

  /** From now on calls are made on behalf of this one. */
  begin(callId: string): void {
    this.#callId = callId
  }

  end(): void {
    this.#callId = undefined
    this.#waiting.clear()
    this.#line = []
  }

  readonly call = (name: string, input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const json = encodeValue(input)
      const at = new Error()
      const called = String(name).slice(0, longestName)
      const refusal = this.#refusalOf(called, json)
      if (refusal !== undefined) {
        reject(makeHostError(stringify(refusal), at.stack))
        return
      }
      const id = `h${++this.#made}`
      this.#waiting.set(id, { resolve, reject, at })
      this.#line.push(
        `{"jsonrpc":"2.0","id":"${id}","method":"host/call","params":{"callId":${stringify(this.#callId)},"function":${stringify(called)},"input":${json}}}`,
      )
      this.#send()
    })

  /** Takes an answer; false when it is none of this action's. */
  settle({ id, result, error }: Answer): boolean {
    this.#underWay--
    this.#send()
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting === undefined) return false
    if (error === undefined) waiting.resolve(result?.output)
    else waiting.reject(makeHostError(stringify(hostErrorOf(error)), waiting.at.stack))
    return true
  }

  #refusalOf(name: string, json: string): unknown {
    if (this.#callId === undefined) {
      return {
        code: 'usage.invalid',
        message: `${name} was called outside of a call`,
        hint: 'Make host calls in an action, not at the top level of a module.',
      }
    }
    const excess = excessOf(json, this.bounds)
    if (excess === undefined) return undefined
    const { of, number } = excess
    const input = `the input of ${name}`
    if (of === 'bytes') return { code: 'input.too-large', message: `${input} is ${number} bytes` }
    return of === 'levels'
      ? { code: 'input.too-deep', message: `${input} is nested deeper than ${number} levels` }
      : { code: 'input.too-large', message: `${input} has more than ${number} members` }
  }

  #send(): void {
    while (this.#underWay < this.bounds.maxCallsIn) {
      const next = this.#line.shift()
      if (next === undefined) return
      this.#underWay++
      this.#write(next)
    }
  }
}

/** The host's own error, which is in `data`; for one of the protocol's there is none. */
const hostErrorOf = ({ message, data }: NonNullable<Answer['error']>): unknown =>
  typeof data === 'object' && data !== null ? data : { code: 'host.internal', message: String(message) }
