// From the base state to a plugin's own first state: the settings, and its module evaluated. Where every copy would come
// out the same, the state is held, and later copies are made from it; else each copy evaluates the module anew.

import { errorOfLoad, type Positions } from '@bulkhead/bundle/answers'
import type { Snapshot, Task } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Copy } from './copy.ts'
import { addresses } from './interpreter-build.ts'

/** What is evaluated. */
export interface Source {
  /** UTF-8, without a byte order mark. */
  readonly code: Uint8Array
  /** JSON for the prelude: areas, functions, whether there is a configuration. */
  readonly settings: string
  readonly positions: Positions
}

/** A plugin's held first state. */
export interface FirstState {
  readonly snapshot: Snapshot
  /** Pages of its memory. */
  readonly pages: number
}

/** Flag of `evaluate`. */
const moduleFlag = 1
/** States of a promise, as `promiseState` tells them; what is no promise is the module itself. */
const promiseStates = { none: -1, pending: 0, fulfilled: 1, rejected: 2 } as const
/** Room that a call may use before the memory has to grow: a copy that grew is not put back. */
const spareBytes = 512 * 1024
const pageBytes = 65_536

/** Evaluates the plugin's module in a copy that is in the base state. @throws BulkheadError `artifact.compile`, `limit.*`, `plugin.*` */
export const evaluate = async (copy: Copy, source: Source, task: Task): Promise<void> => {
  const { interpreter, bridge } = copy
  const { memory, places } = interpreter
  const { code, positions } = source
  bridge.mail.enclose([source.settings], 0)
  interpreter.release(await copy.prelude('configure'))
  const at = await interpreter.run('malloc', code.length + 1)
  if (at === 0)
    throw new BulkheadError('limit.memory', `the plugin's memory cannot take its ${code.length} bytes of code`)
  memory.write(code, at)
  memory.write(new Uint8Array(1), at + code.length)
  const result = await interpreter.run('evaluate', places.context, at, code.length, places.fileName, 0, moduleFlag)
  // What is free again is not held then, for the base state has zeros there.
  memory.clear(at, at + code.length)
  await interpreter.run('free', at)
  if (result !== 0 && memory.isException(result)) {
    throw errorOfLoad(await copy.describe(await copy.thrown(result)), positions)
  }
  await copy.requireValue(result)
  const namespace = await copy.drive(task, async () => {
    const state = await interpreter.run('promiseState', places.context, result)
    if (state === promiseStates.none) return result
    if (state === promiseStates.pending) return undefined
    const settled = await interpreter.run('promiseResult', places.context, result)
    if (state === promiseStates.rejected) throw errorOfLoad(await copy.describe(settled), positions)
    return settled
  })
  interpreter.release(await copy.prelude('adopt', namespace))
}

/** The state of a copy whose module was just evaluated, if another copy would have come out the same. */
export const holdFirstState = ({ interpreter, bridge }: Copy, base: Snapshot): FirstState | undefined => {
  if (interpreter.isMarked || bridge.isMarked || !bridge.isIdle) return undefined
  const { memory } = interpreter
  memory.growTo(memory.word(addresses.heapEnd) + spareBytes)
  const snapshot = interpreter.capture(base)
  return snapshot === undefined ? undefined : { snapshot, pages: memory.byteLength / pageBytes }
}
