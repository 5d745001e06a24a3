// What an interpreter of ours imports, over what answers it: names, numbers and bytes of the ABI, and no state. Nothing of the
// host's is ever thrown into the guest: what goes wrong here ends it.

import type { WasmImportValue } from '@bulkhead/cell'
import type { Interpreter } from './interpreter.ts'

/** Who answers. */
export interface ImportTarget {
  send(id: number, name: string, payload: Buffer): void
  startTimer(id: number, ms: number): void
  stopTimer(id: number): void
  /** Kind of the next arrival. */
  next(): number
  /** As {@link next}, once there is one. */
  wait(): number | Promise<number>
  readonly arrivalId: number
  readonly arrival: Uint8Array
  finish(kind: number, bytes: Buffer): void
  log(level: number, message: string): void
  clock(): number
  random(into: Buffer): void
  config(): Uint8Array
  abort(message: string): void
}

const maxName = 200
const maxLogBytes = 4 * 32_768
const maxAbort = 500

/** Makes the functions for an interpreter. */
export const makeImports = (
  interpreter: Interpreter,
  target: ImportTarget,
): Readonly<Record<string, WasmImportValue>> => {
  const { engine, memory, title } = interpreter
  /** Ends the guest with what went wrong, whatever it was. */
  const guarded =
    <Args extends readonly number[], Result>(run: (...args: Args) => Result, otherwise: Result) =>
    (...args: Args): Result => {
      try {
        return run(...args)
      } catch (thrown) {
        engine.end(interpreter.task, engine.classify(thrown))
        return otherwise
      }
    }
  return {
    send: guarded((id, name, nameLength, payload, length) => {
      target.send(id, memory.text(name, nameLength, maxName), memory.view(payload, length))
    }, undefined),
    timer: guarded((id, ms) => target.startTimer(id, ms), undefined),
    stop_timer: guarded((id) => target.stopTimer(id), undefined),
    next: engine.suspending(
      guarded((block: number): number | Promise<number> => (block === 0 ? target.next() : target.wait()), 0),
      { isGuestTime: true },
    ),
    arrival_id: () => target.arrivalId,
    arrival_size: () => target.arrival.length,
    arrival_take: guarded((at) => {
      memory.write(target.arrival, at)
    }, undefined),
    finish: guarded((kind, at, length) => target.finish(kind, memory.view(at, length)), undefined),
    log: guarded((level, at, length) => target.log(level, memory.text(at, length, maxLogBytes)), undefined),
    clock: () => target.clock(),
    random: guarded((at, length) => target.random(memory.view(at, length)), undefined),
    local_offset: (ms: number) => offsetAt(ms),
    config: () => target.config().length,
    config_take: guarded((at) => {
      memory.write(target.config(), at)
    }, undefined),
    abort: guarded((at, length) => {
      target.abort(`${title} gave up: ${memory.text(at, length, maxAbort)}`)
    }, undefined),
  }
}

/** Minutes east of UTC at a time; 0 for what is no time. */
const offsetAt = (ms: number): number => {
  const offset = -new Date(ms).getTimezoneOffset()
  return Number.isNaN(offset) ? 0 : offset
}
