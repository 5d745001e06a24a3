// Which exports of a module are actions: functions without parameters, less what language runtimes export for themselves.

import type { CompiledModule } from '@bulkhead/cell'
import type { ActionSpec } from '@bulkhead/kernel'
import { BulkheadError, nearestNames } from '@bulkhead/kernel/wire'

/** Exports that start a module up; run by the instance, never called as actions. */
export const startUpExports = ['_initialize', '__wasm_call_ctors', 'hs_init'] as const

const runtimeExports: ReadonlySet<string> = new Set([
  ...startUpExports,
  '__wasm_call_dtors',
  'hs_exit',
  'malloc',
  'free',
  'calloc',
  'realloc',
  'asyncify_start_unwind',
  'asyncify_stop_unwind',
  'asyncify_start_rewind',
  'asyncify_stop_rewind',
  'asyncify_get_state',
])

/** Most actions that are listed, and the longest name of one: the list is sent to the host and kept there. */
const mostActions = 1000
const longestName = 128

/** The actions of a module. A command has `_start`. */
export const findActions = (module: CompiledModule): Record<string, ActionSpec> => {
  const callable = module.functionExports.filter(
    ({ name, parameters, results }) =>
      parameters === 0 &&
      results <= 1 &&
      name.length <= longestName &&
      !runtimeExports.has(name) &&
      !name.startsWith('__'),
  )
  return Object.fromEntries(callable.slice(0, mostActions).map(({ name }) => [name, {}]))
}

/** Checks that an action can be called. @throws BulkheadError `artifact.export-missing` */
export const checkAction = (module: CompiledModule, action: string): void => {
  const found = module.functionExports.find(({ name }) => name === action)
  if (found !== undefined && found.parameters === 0) return
  const names = Object.keys(findActions(module))
  const near = nearestNames(action, names)
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : names.length > 0
        ? `It exports ${names.slice(0, 10).join(', ')}.`
        : 'It exports no function without parameters.'
  throw new BulkheadError(
    'artifact.export-missing',
    found === undefined
      ? `the module exports no function "${action.slice(0, 100)}"`
      : `the export "${action}" takes parameters; an action takes none and reads its input through the ABI`,
    { hint },
  )
}
