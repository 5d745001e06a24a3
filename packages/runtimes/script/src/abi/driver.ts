// The driver of the interpreters that we build ourselves: runs inside the cell. Compiles one, boots it once for all plugins of
// a thread, and opens copies of the plugin from what it holds of that. The Engine is its only way to WebAssembly; it reads no
// file and knows no permission.

import { completeActions, parseActionList } from '@bulkhead/bundle/answers'
import type { CellArtifact, Driver, Guest, LoadContext } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { interpreterOptions, preparedFolder } from '../engine/prepared.ts'
import { annotationsOf } from './annotations.ts'
import { makeChecker } from './check.ts'
import { requireAbi } from './interpreter-build.ts'
import { packParts } from './payload-bytes.ts'
import { baseStateOf, type Program } from './program.ts'
import { Sandbox } from './sandbox.ts'

/** Name of the module in the artifact that holds the interpreter; the others are source files beside the entry. */
export const interpreterModuleName = ''

/** What the runtime passes to this driver beside the code: {@link CellArtifact.extra}. */
export interface AbiExtra {
  /** The interpreter's, for messages. */
  readonly title: string
  /** Whose annotations are read. */
  readonly language: 'lua' | 'rune'
  /** The plugin is only looked at: see check.ts. */
  readonly checks?: true
  /** Areas of the context that the manifest asks for. */
  readonly areas: readonly string[]
  /** The guest API, as JSON. */
  readonly table: string
}

/** See the file's head. */
export const driver: Driver = {
  prepared: preparedFolder,
  load: async (artifact, engine, context): Promise<Guest> => {
    const { title, language, checks, areas, table } = artifact.extra as unknown as AbiExtra
    const interpreter = artifact.modules.find((module) => module.name === interpreterModuleName)
    if (interpreter === undefined) throw new BulkheadError('host.internal', `the driver came without ${title}`)
    const compiled = engine.compile(interpreter.bytes, title, interpreterOptions)
    requireAbi(compiled, title)
    const source = { engine, compiled, title }
    const { name, entry, bytes, functions, config, limits } = artifact
    const sources = new Map([[entry, bytes], ...filesOf(artifact)])
    const hasConfig = Object.keys(config).length > 0
    const settings = JSON.stringify({ name, entry, areas, functions, hasConfig }).slice(0, -1)
    const program: Program = {
      name,
      sources,
      names: { language, table, functions },
      payload: packParts([
        Buffer.from(`${settings},"table":${table}}`),
        ...[...sources].flatMap(([file, text]) => [Buffer.from(file), text]),
      ]),
      config: JSON.stringify(config),
      limits,
      source,
      base: await baseStateOf(source, context.task, limits),
      parameters: {},
      actions: {},
      first: undefined,
    }
    if (checks === true) return makeChecker(program, language)
    await describe(program, language, context)
    return {
      actions: program.actions,
      open: async (task) => Sandbox.open(program, task),
      [Symbol.dispose]: () => undefined,
    }
  },
}

const filesOf = ({ modules }: CellArtifact): [string, Uint8Array][] =>
  modules.filter(({ name }) => name !== interpreterModuleName).map(({ name, bytes }) => [name, bytes])

const describe = async (
  program: Program,
  language: AbiExtra['language'],
  { task, log }: LoadContext,
): Promise<void> => {
  using first = Sandbox.open(program, task)
  const actions = parseActionList(await first.load(task, (level, message) => log(level, message)))
  first.hold()
  const said = await annotationsOf(program, language)
  program.actions = completeActions(actions, said.actions)
  program.parameters = said.parameters
}
