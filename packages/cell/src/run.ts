// One call in flight in a cell, seen from the host: its deadline and its signal, its host calls, its log, its result.

import type { LogLevel, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import {
  asBulkheadError,
  type Bounded,
  boundLog,
  BulkheadError,
  type JsonObject,
  lifetimeOf,
  type Log,
} from '@bulkhead/kernel/wire'
import { HostCallLine } from './host-call-line.ts'
import type { GuestHandle } from './life.ts'
import type { Answer, OutgoingCall } from './peer-calls.ts'
import { asCellError, checkOutput, nameEnd } from './run-result.ts'

/** See the file's head. */
export class Run implements Bounded {
  readonly guest: GuestHandle
  readonly request: RuntimeCall
  readonly result: Promise<RuntimeResult>
  readonly #outgoing: OutgoingCall
  #resolve!: (result: RuntimeResult) => void
  #reject!: (error: Error) => void
  #line: HostCallLine | undefined
  #log: Log | undefined
  #ended: BulkheadError | undefined
  #settled = false
  #stop: () => void = () => undefined
  hostCalls = 0
  /** Ids of the host calls that arrived for it. */
  readonly arrived = new Set<number>()
  /** Ids of the errors that these were answered with. */
  readonly errorIds = new Set<string>()
  /** Nothing more of it may reach the host. */
  over = false
  /** Called once, when the call ends before its answer is there. */
  onOver: (error: BulkheadError) => void = () => undefined

  constructor(guest: GuestHandle, request: RuntimeCall, outgoing: OutgoingCall) {
    this.guest = guest
    this.request = request
    this.#outgoing = outgoing
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Begins to wait for the answer and to watch for the call's end. */
  start(): void {
    this.#outgoing.answer.then(
      (answer) => this.#answered(answer),
      (thrown: unknown) => this.#failed(asBulkheadError(thrown)),
    )
    this.#stop = lifetimeOf(this.request.context).onEnd((error) => this.#end(error))
  }

  get deadlineMs(): number {
    return this.request.context.deadlineMs
  }

  overdue(): void {
    this.#end(new BulkheadError('limit.time', `${this.#what} ran past its time limit`))
  }

  get line(): HostCallLine {
    return (this.#line ??= new HostCallLine())
  }

  log(level: LogLevel, message: string): void {
    this.#log ??= boundLog((severity, line) => this.request.log(severity, line))
    this.#log(level, message)
  }

  /** Ends it at once, with the cell told. */
  abandon(cause: BulkheadError): void {
    this.#end(cause)
    this.fail(cause)
  }

  /** The caller gets this error, unless it has its answer. */
  fail(error: Error): void {
    this.over = true
    if (this.#settled) return
    this.#settle()
    this.#reject(error)
  }

  get #what(): string {
    return `${this.request.context.principal.name} ${this.request.action}`
  }

  #end(error: BulkheadError): void {
    if (this.#ended !== undefined || this.#settled) return
    this.#ended = error
    this.over = true
    this.onOver(error)
  }

  #answered(answer: Answer): void {
    if (this.#settled) return
    if (this.#ended !== undefined) {
      this.fail(this.#ended)
      return
    }
    try {
      const { content, head } = answer
      checkOutput(content, this.request)
      const result = { output: content, ...usageOf(head) }
      this.over = true
      this.#settle()
      this.#resolve(result)
    } catch (thrown) {
      this.fail(asBulkheadError(thrown))
    }
  }

  #failed(error: BulkheadError): void {
    const { errorHead } = this.#outgoing
    if (errorHead !== undefined) this.request.report?.(usageOf(errorHead))
    this.fail(this.#ended ?? nameEnd(asCellError(error, this.errorIds), this.request))
  }

  #settle(): void {
    this.#settled = true
    this.#stop()
  }
}

const usageOf = (head: JsonObject): { cpuMs?: number; fuelUsed?: number; memoryBytes?: number } => ({
  ...(typeof head.memoryBytes === 'number' ? { memoryBytes: head.memoryBytes } : {}),
  ...(typeof head.cpuMs === 'number' ? { cpuMs: head.cpuMs } : {}),
  ...(typeof head.fuelUsed === 'number' ? { fuelUsed: head.fuelUsed } : {}),
})
