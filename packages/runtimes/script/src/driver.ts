// The script driver: runs inside the cell. Compiles QuickJS once, opens a fresh interpreter for each copy of the
// plugin. The Engine is its only way to WebAssembly; it reads no file and knows no permission.

import type { CellArtifact, Driver, Guest } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { openInterpreter } from './engine/interpreter.ts'
import { makePositions } from './engine/positions.ts'
import { type Program, Sandbox } from './engine/sandbox.ts'

/** Name of the module in the artifact that holds QuickJS. */
export const interpreterModuleName = 'quickjs'

/** What the runtime passes to its driver beside the code: {@link CellArtifact.extra}. */
export interface ScriptExtra {
  /** Source map of the bundle; absent when the entry runs as it stands. */
  readonly map?: string
  /** Areas of the context that the manifest asks for. */
  readonly areas: readonly string[]
}

/** See the file's head. */
export const driver: Driver = {
  load: async (artifact, engine, { task, log }): Promise<Guest> => {
    const interpreter = artifact.modules.find((module) => module.name === interpreterModuleName)
    if (interpreter === undefined)
      throw new BulkheadError('host.internal', 'the script driver came without its interpreter')
    const compiled = engine.compile(interpreter.bytes, 'the JavaScript interpreter')
    const program = makeProgram(artifact, {
      engine,
      log,
      open: (under, pages) =>
        openInterpreter(engine, compiled, { task: under, ...(pages === undefined ? {} : { pages }) }),
    })
    using first = await Sandbox.open(program, task)
    const actions = await first.actions(task)
    return { actions, open: (under) => Sandbox.open(program, under), [Symbol.dispose]: () => undefined }
  },
}

const makeProgram = (artifact: CellArtifact, powers: Pick<Program, 'engine' | 'log' | 'open'>): Program => {
  const extra = artifact.extra as unknown as ScriptExtra
  const code = new TextDecoder().decode(artifact.bytes)
  return {
    ...powers,
    first: undefined,
    name: artifact.name,
    code,
    limits: artifact.limits,
    settings: JSON.stringify({ areas: extra.areas, functions: artifact.functions, config: artifact.config }),
    positions: makePositions({ entry: artifact.entry, code, ...(extra.map === undefined ? {} : { map: extra.map }) }),
  }
}
