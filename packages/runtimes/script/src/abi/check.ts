// A plugin that is only looked at: its interpreter compiles it and runs nothing, and its annotations are read. The one action of
// such a guest tells what was found.

import { frameOfSource } from '@bulkhead/bundle/answers'
import type { Guest, GuestInstance, Task } from '@bulkhead/cell'
import { type JsonObject, parseJson } from '@bulkhead/kernel/wire'
import { missedMessage, parseMissed } from '../calls/host-names.ts'
import { annotationsOf } from './annotations.ts'
import type { Program } from './program.ts'
import { Sandbox } from './sandbox.ts'
import { columnOfToken } from './syntax-column.ts'

/** The one action. Its output: `{ diagnostics, actions }`. */
export const checkAction = 'check'

const maxDiagnostics = 100
const caps = { maxLength: 1024 * 1024, maxDepth: 8, maxMembers: 10_000 }

/** Makes the guest. */
export const makeChecker = (program: Program, language: 'lua' | 'rune'): Guest => ({
  actions: { [checkAction]: {} },
  open: async (task) => openChecker(program, language, task),
  [Symbol.dispose]: () => undefined,
})

const openChecker = (program: Program, language: 'lua' | 'rune', opened: Task): GuestInstance => {
  const sandbox = Sandbox.open(program, opened)
  return {
    call: async ({ task }) => {
      const found = diagnosticsOf(await sandbox.check(task), program)
      const said = await annotationsOf(program, language)
      const [entry = ''] = program.sources.keys()
      const warnings = said.warnings.map(
        ({ line, message }): JsonObject => ({ severity: 'warning', file: entry, line, message }),
      )
      const report = { diagnostics: [...found, ...warnings], actions: said.actions }
      return { output: { kind: 'value', payload: { json: JSON.stringify(report) } } }
    },
    // Each look is at a fresh one.
    reset: () => undefined,
    memoryBytes: () => sandbox.memoryBytes(),
    [Symbol.dispose]: () => sandbox[Symbol.dispose](),
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The interpreter's, each with its source line. */
const diagnosticsOf = (json: string, { sources, names }: Program): readonly JsonObject[] => {
  const report = parseJson(json, 'the diagnostics', caps)
  const list = isObject(report) && Array.isArray(report['diagnostics']) ? report['diagnostics'] : []
  return list
    .slice(0, maxDiagnostics)
    .filter(isObject)
    .map((facts) => {
      const { file, line, column } = facts
      const told = typeof facts['message'] === 'string' ? facts['message'] : ''
      const message = missedMessage(parseMissed(undefined, told), names) ?? told
      if (typeof file !== 'string' || typeof line !== 'number' || line < 1) return { ...facts, message }
      const source = sources.get(file)
      const isKnown = typeof column === 'number' && column > 0
      const at = { file, line, column: isKnown ? column : columnOfToken(source, { line, message }) }
      const frame = frameOfSource(source, at)
      return { ...facts, message, column: at.column, ...(frame === undefined ? {} : { frame }) }
    })
}
