// What a module must import and export to be an interpreter of ours: version 1 of the ABI (docs/adr/0018). A module that
// differs is refused before it is run.

import type { CompiledModule } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'

/** Module of the imported functions. */
export const importModule = 'bulkhead:interpreter@1'

/** Names of the imported functions; what they do stands in imports.ts. */
const functionImports = [
  ...['send', 'timer', 'stop_timer', 'next', 'arrival_id', 'arrival_size', 'arrival_take'],
  ...['finish', 'log', 'clock', 'random', 'local_offset', 'config', 'config_take', 'abort'],
]

/** Exported functions with the number of their parameters. All take and give 32 bits. */
const exportedFunctions = { boot: 0, allocate: 1, release: 1, load: 2, check: 2, invoke: 2 } as const
const optionalFunctions = { _initialize: 0, after_restore: 2 } as const

/** Name of an exported function. */
export type InterpreterFunction = keyof typeof exportedFunctions | keyof typeof optionalFunctions

/** @throws BulkheadError `host.internal` when the module does not speak the ABI */
export const requireAbi = ({ imports, functionExports, importedMemory }: CompiledModule, title: string): void => {
  const otherBuild = (why: string): BulkheadError =>
    new BulkheadError('host.internal', `${title} is not a build that this version knows: ${why}`, {
      hint: 'Install it in the version that this package names.',
    })
  for (const { module, name, kind } of imports) {
    const isKnown =
      kind === 'memory'
        ? module === 'env' && name === 'memory'
        : kind === 'function' && module === importModule && functionImports.includes(name)
    if (!isKnown) throw otherBuild(`it imports ${module}.${name}`)
  }
  if (importedMemory === undefined) throw otherBuild('it has a memory of its own')
  for (const [name, parameters] of Object.entries({ ...exportedFunctions, ...optionalFunctions })) {
    const found = functionExports.find((one) => one.name === name)
    if (found === undefined && Object.hasOwn(optionalFunctions, name)) continue
    if (found?.parameters !== parameters) throw otherBuild(`it does not export ${name}`)
  }
}
