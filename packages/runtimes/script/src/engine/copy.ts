// One copy of a plugin's interpreter from inside: how its prelude is called, how its jobs run and its answers arrive until
// something is reached, and what its errors say.

import { errorOfFailure, type FailureDescription, type Positions, parseDescription } from '@bulkhead/bundle/answers'
import type { Task } from '@bulkhead/cell'
import type { Awaitable } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { PreludeFunction } from './base-places.ts'
import type { Bridge } from './bridge.ts'
import type { Interpreter } from './interpreter.ts'
import { kinds, offsets } from './interpreter-build.ts'

/** See the file's head. */
export class Copy {
  readonly interpreter: Interpreter
  readonly bridge: Bridge
  readonly #positions: Positions

  constructor(interpreter: Interpreter, bridge: Bridge, positions: Positions) {
    this.interpreter = interpreter
    this.bridge = bridge
    this.#positions = positions
  }

  /**
   * Calls a function of the prelude, with the value at an address or without; gives the address of its result, which is the
   * caller's to release. @throws BulkheadError what the function threw, or why it was ended
   */
  async prelude(name: PreludeFunction, argument?: number): Promise<number> {
    const { interpreter } = this
    const { context, undefinedValue, argument: list, prelude } = interpreter.places
    if (argument !== undefined) interpreter.memory.setWord(list, argument)
    const count = argument === undefined ? 0 : 1
    const result = await interpreter.run('call', context, prelude[name], undefinedValue, count, list)
    await this.requireValue(result)
    return result
  }

  /** @throws BulkheadError what was thrown, when the value at an address stands for that */
  async requireValue(result: number): Promise<void> {
    if (result === 0) throw outOfMemory()
    if (!this.interpreter.memory.isException(result)) return
    throw errorOfFailure(await this.describe(await this.thrown(result)), this.#positions)
  }

  /** The address of the error behind an exception. */
  thrown(exception: number): Awaitable<number> {
    return this.interpreter.run('resolveException', this.interpreter.places.context, exception)
  }

  /** What an error says of itself. @throws BulkheadError `limit.memory` when nothing can be said */
  async describe(error: number): Promise<FailureDescription> {
    const { memory, places, run } = this.interpreter
    memory.setWord(places.argument, error)
    const { context, undefinedValue, argument, prelude } = places
    const described = await run.call(
      this.interpreter,
      ...(['call', context, prelude.describeFailure, undefinedValue, 1, argument] as const),
    )
    // With the memory used up, even a short text has no room.
    if (described === 0 || memory.kind(described) !== kinds.string) throw outOfMemory()
    return parseDescription(memory.text(described))
  }

  /** Runs jobs and takes answers in until `reached` has something. @throws BulkheadError when the guest waits for nothing */
  async drive<T>(task: Task, reached: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const { bridge, interpreter } = this
    for (;;) {
      if (this.#hasJobs) await this.#runJobs()
      const found = await reached()
      if (found !== undefined) return found
      if (bridge.isIdle) throw interpreter.memory.isExhausted ? outOfMemory() : neverSettles()
      const { engine } = interpreter
      await (bridge.waitsForHost ? engine.waitFor(task, bridge.arrival()) : bridge.arrival())
      if (task.ended !== undefined) throw task.ended
      interpreter.release(await this.prelude('deliver'))
    }
  }

  get #hasJobs(): boolean {
    const { memory, places } = this.interpreter
    const list = places.runtime + offsets.jobList
    return memory.word(list + 4) !== list
  }

  async #runJobs(): Promise<void> {
    const { interpreter } = this
    const { runtime, jobContext } = interpreter.places
    const result = await interpreter.run('executePendingJobs', runtime, -1, jobContext)
    if (result === 0) throw outOfMemory()
    // How many ran, or what one of them threw.
    if (interpreter.memory.kind(result) !== kinds.integer) {
      throw errorOfFailure(await this.describe(result), this.#positions)
    }
    interpreter.release(result)
  }
}

const outOfMemory = (): BulkheadError => new BulkheadError('limit.memory', 'the plugin ran out of its memory limit')

// An error for which there was no memory left is lost on its way to the promise.
const neverSettles = (): BulkheadError =>
  new BulkheadError('plugin.failed', 'the plugin waits for a promise that nothing will settle', {
    hint: 'Await only host calls, timers and promises that your own code resolves.',
    details: { name: 'NeverSettles' },
  })
