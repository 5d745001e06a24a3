// The script driver: runs inside the cell. Compiles QuickJS once, boots it once for all plugins of a thread, and opens
// copies of the plugin from what it holds of that. The Engine is its only way to WebAssembly; it reads no file and knows
// no permission.

import { completeActions, makePositions, parseAnnotations } from '@bulkhead/bundle/answers'
import type { CellArtifact, Driver, Engine, Guest, LoadContext } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { missedMessage, parseMissed } from './calls/host-names.ts'
import { baseStateOf } from './engine/base-state.ts'
import { interpreterOptions, preparedFolder } from './engine/prepared.ts'
import { requireKnownBuild } from './engine/interpreter-build.ts'
import { type Program, Sandbox } from './engine/sandbox.ts'
import { guestApiJson } from './generated/guest-api.ts'

/** Name of the module in the artifact that holds QuickJS. */
export const quickJsModuleName = 'quickjs'

/** What the runtime passes to its driver beside the code: {@link CellArtifact.extra}. */
export interface ScriptExtra {
  /** Source map of the bundle; absent when the entry runs as it stands. */
  readonly map?: string
  /** What the entry says of its actions in types and comments, where it was bundled: JSON. */
  readonly annotations?: string
  /** Areas of the context that the manifest asks for. */
  readonly areas: readonly string[]
}

/** See the file's head. */
export const driver: Driver = {
  prepared: preparedFolder,
  load: async (artifact, engine, context): Promise<Guest> => {
    const program = await makeProgram(artifact, engine, context)
    const actions = await describe(program, context)
    return {
      actions: completeActions(actions, (await annotationsOf(artifact)).actions),
      open: async (task) => Sandbox.open(program, task),
      [Symbol.dispose]: () => undefined,
    }
  },
}

/** Read here where the entry runs as it stands; the reader is loaded when there is something to read. */
const annotationsOf = async ({ bytes, extra }: CellArtifact): Promise<ReturnType<typeof parseAnnotations>> => {
  const { map, annotations } = extra as unknown as ScriptExtra
  const text = map === undefined ? new TextDecoder().decode(bytes) : ''
  if (!text.includes('/**')) return parseAnnotations(annotations)
  const { readAnnotations } = await import('@bulkhead/bundle/annotations')
  return parseAnnotations(JSON.stringify(readAnnotations('javascript', text)))
}

const describe = async (program: Program, { task, log }: LoadContext): Promise<Guest['actions']> => {
  using first = Sandbox.open(program, task)
  await first.evaluate(task, (level, message) => log(level, message))
  // What the plugin says of itself may run its code: not in the state that later copies start from.
  first.hold()
  return await first.actions()
}

const makeProgram = async (artifact: CellArtifact, engine: Engine, { task }: LoadContext): Promise<Program> => {
  const interpreter = artifact.modules.find((module) => module.name === quickJsModuleName)
  if (interpreter === undefined)
    throw new BulkheadError('host.internal', 'the script driver came without its interpreter')
  const compiled = engine.compile(interpreter.bytes, 'the JavaScript interpreter', interpreterOptions)
  requireKnownBuild(compiled)
  const source = { engine, compiled }
  const { map, areas } = artifact.extra as unknown as ScriptExtra
  const { bytes, entry, functions, config } = artifact
  const hasConfig = Object.keys(config).length > 0
  return {
    name: artifact.name,
    code: bytes,
    settings: JSON.stringify({ areas, functions, hasConfig }),
    config: JSON.stringify(config),
    limits: artifact.limits,
    positions: makePositions({ entry, code: bytes, ...(map === undefined ? {} : { map }) }),
    explain: (missed) =>
      missedMessage(parseMissed(missed, ''), { language: 'javascript', table: guestApiJson, functions }),
    interpreter: source,
    base: await baseStateOf(source, task),
    first: undefined,
  }
}
