// The state that all copies of all plugins start from: an interpreter with the prelude in it, and nothing of any plugin, of
// the configuration, of the time or of chance. It is made once for each compiled interpreter of a thread, and held as a
// snapshot; the addresses in it are valid wherever it is put.

import type { CompiledModule, Snapshot, Task } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { BasePlaces } from './base-places.ts'
import { boot } from './boot.ts'
import { Interpreter, type InterpreterSource } from './interpreter.ts'
import { minimumPages } from './minimum-pages.ts'

/** The held state. */
export interface BaseState {
  readonly snapshot: Snapshot
  readonly places: BasePlaces
  /** Pages of its memory. */
  readonly pages: number
}

const pageBytes = 65_536

const states = new WeakMap<CompiledModule, BaseState>()

/** The base state for a compiled interpreter, made now if it is the first time. @throws BulkheadError */
export const baseStateOf = async (source: InterpreterSource, task: Task): Promise<BaseState> => {
  const known = states.get(source.compiled)
  if (known !== undefined) return known
  const interpreter = new Interpreter(source, { task, pages: minimumPages })
  const places = await boot(interpreter)
  interpreter.places = places
  const snapshot = interpreter.capture()
  if (snapshot === undefined)
    throw new BulkheadError('host.internal', 'the state of the JavaScript interpreter cannot be held')
  const state: BaseState = { snapshot, places, pages: interpreter.memory.byteLength / pageBytes }
  states.set(source.compiled, state)
  return state
}
