// Entering an instance's code: an exit is told from a trap, and the host's own error wins over whatever the guest made of it.

import type { Engine, Task } from '@bulkhead/cell'
import type { Awaitable } from '@bulkhead/kernel'
import type { BulkheadError } from '@bulkhead/kernel/wire'
import type { CallState } from './call-state.ts'

/** See the file's head. One for each instance. */
export class GuestEntry {
  readonly #engine: Engine
  readonly #state: CallState

  constructor(engine: Engine, state: CallState) {
    this.#engine = engine
    this.#state = state
  }

  /** Enters guest code; see {@link Engine.enter}. With `mayExit` an exit with code 0 counts as a return. */
  enter(task: Task, exported: unknown, mayExit = false): Awaitable<unknown> {
    // `hs_init` takes the addresses of argc and argv, and null for none; other exports ignore the arguments.
    const returned = this.#engine.enter(task, exported, 0, 0)
    if (returned instanceof Promise) return this.#settle(returned, mayExit)
    if (this.#state.fatal !== undefined) throw this.#state.fatal
    return returned
  }

  async #settle(running: Promise<unknown>, mayExit: boolean): Promise<unknown> {
    const state = this.#state
    try {
      const returned = await running
      if (state.fatal === undefined) return returned
      throw state.fatal
    } catch (caught) {
      const thrown = state.fatal ?? caught
      if (!mayExit || state.exitCode !== 0 || (thrown as BulkheadError).code !== 'plugin.exit') throw thrown
      state.fatal = undefined
      return 0
    }
  }
}
