// What every copy of a plugin is made from: its interpreter's base state, its sources, its actions. And the base state itself:
// an interpreter that was booted, with nothing of any plugin in it, made once for each compiled interpreter of a thread.

import type { CompiledModule, Snapshot, Task } from '@bulkhead/cell'
import type { ActionSpec, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { Bridge } from './bridge.ts'
import type { HostNames } from '../calls/host-names.ts'
import type { Sources } from './failure.ts'
import { makeImports } from './imports.ts'
import { Interpreter, type InterpreterSource } from './interpreter.ts'

/** A held state. */
export interface HeldState {
  readonly snapshot: Snapshot
  /** Pages of its memory. */
  readonly pages: number
  /** Address of the block for small payloads; 0 in the base state. */
  readonly block: number
}

/** See the file's head. */
export interface Program {
  readonly name: string
  /** Entry first. */
  readonly sources: Sources
  /** What the host object has, for what it lacks. */
  readonly names: HostNames
  /** What is loaded: settings and sources, as the ABI has it. */
  readonly payload: Uint8Array
  /** JSON. */
  readonly config: string
  readonly limits: Limits
  readonly source: InterpreterSource
  readonly base: HeldState
  /** How an action takes its input: names of positional parameters; null takes it whole. */
  parameters: Readonly<Record<string, readonly string[] | null>>
  actions: Readonly<Record<string, ActionSpec>>
  /** Undefined until the plugin was loaded, and where each copy has to load it anew. */
  first: HeldState | undefined
}

const pageBytes = 65_536

const states = new WeakMap<CompiledModule, HeldState>()

/** The base state for a compiled interpreter, made now if it is the first time. @throws BulkheadError */
export const baseStateOf = async (source: InterpreterSource, task: Task, limits: Limits): Promise<HeldState> => {
  const known = states.get(source.compiled)
  if (known !== undefined) return known
  const bridge = new Bridge({ limits, config: '{}' })
  const interpreter = new Interpreter(source, {
    task,
    pages: source.compiled.importedMemory?.min ?? 1,
    imports: (made) => makeImports(made, bridge),
  })
  bridge.interpreter = interpreter
  await interpreter.boot()
  if (bridge.isMarked)
    throw new BulkheadError('host.internal', `${source.title} asked for the time or for chance at boot`)
  const state = holdState(interpreter)
  if (state === undefined) throw new BulkheadError('host.internal', `the state of ${source.title} cannot be held`)
  states.set(source.compiled, state)
  return state
}

/** The state of an interpreter as it is now. Undefined where it cannot be held. */
export const holdState = (interpreter: Interpreter, base?: Snapshot): HeldState | undefined => {
  const snapshot = interpreter.capture(base)
  if (snapshot === undefined) return undefined
  return { snapshot, pages: interpreter.memory.byteLength / pageBytes, block: interpreter.block }
}
