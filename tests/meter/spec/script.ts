// Reads a script of the official WebAssembly test suite. The suite's text format is turned into modules and a list of
// commands by `wasm-tools json-from-wast`; what that no longer reads (exceptions in the legacy encoding) by wabt's
// `wast2json`. Both write the same JSON.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A value of a script: numbers are the bits in decimal. */
export interface ScriptValue {
  readonly type: string
  readonly value?: string | readonly string[]
  readonly lane_type?: 'i8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64'
  /** Of type `either`: one of these. */
  readonly values?: readonly ScriptValue[]
}

/** A call of an export, or a look at a global. */
export interface ScriptAction {
  readonly type: 'invoke' | 'get'
  readonly module?: string
  readonly field: string
  readonly args?: readonly ScriptValue[]
}

/** One command. */
export interface Command {
  readonly type: string
  readonly line: number
  readonly name?: string
  readonly as?: string
  readonly instance?: string
  readonly module?: string
  readonly filename?: string
  readonly binary_filename?: string
  readonly action?: ScriptAction
  readonly expected?: readonly ScriptValue[]
  readonly text?: string
}

/** A script with the folder that its modules are in. */
export interface Script {
  readonly name: string
  readonly folder: string
  readonly commands: readonly Command[]
}

const converters: readonly ((
  source: string,
  target: string,
  folder: string,
) => readonly [string, readonly string[]])[] = [
  (source, target, folder) => ['wasm-tools', ['json-from-wast', source, '-o', target, '--wasm-dir', folder]],
  (source, target) => ['wast2json', ['--enable-all', source, '-o', target]],
]

/** Converts a script into a folder below the one given. @throws Error when no converter reads it */
export const readScript = (source: string, into: string): Script => {
  const name = basename(source, '.wast')
  const folder = join(into, name)
  mkdirSync(folder, { recursive: true })
  const target = join(folder, 'script.json')
  const said: string[] = []
  for (const converter of converters) {
    const [command, args] = converter(source, target, folder)
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
    if (status === 0) {
      const { commands } = JSON.parse(readFileSync(target, 'utf8')) as { commands: Command[] }
      return { name, folder, commands }
    }
    said.push(`${command}: ${error?.message ?? stderr.slice(0, 300)}`)
  }
  throw new Error(`no converter reads ${source}: ${said.join('; ')}`)
}

/** The module of a command; undefined where it is text that has no binary form. */
export const readCommandModule = (script: Script, command: Command): Uint8Array | undefined => {
  const file = command.filename?.endsWith('.wasm') === true ? command.filename : command.binary_filename
  return file === undefined ? undefined : new Uint8Array(readFileSync(join(script.folder, file)))
}
