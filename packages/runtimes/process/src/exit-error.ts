// What the end of a process means for whoever waited for it.

import { constants } from 'node:os'
import { BulkheadError, type BulkheadErrorOptions, type ErrorCode } from '@bulkhead/kernel'
import type { ConfinedExit } from '@bulkhead/sandbox'
import type { ProcessSpec } from './process-spec.ts'

const overLimit: Readonly<Partial<Record<ConfinedExit['reason'], readonly [ErrorCode, string]>>> = {
  memory: ['limit.memory', 'memory'],
  cpu: ['limit.cpu', 'CPU time'],
  'file-size': ['limit.file-size', 'bytes in one file'],
}

/** The limit that ended it, or `plugin.crashed`. */
export const exitError = (
  { name, program }: Pick<ProcessSpec, 'name' | 'program'>,
  { reason, code, signal }: ConfinedExit,
  options: Pick<BulkheadErrorOptions, 'cause' | 'details'>,
): BulkheadError => {
  const isOutOfMemory = code !== null && code === program.outOfMemoryCode
  const [limit, what] = overLimit[isOutOfMemory ? 'memory' : reason] ?? []
  if (limit !== undefined) return new BulkheadError(limit, `${name} used more ${what} than its limit`, options)
  const how =
    code === null ? 'was killed' : `ended with code ${code}${signal === null ? '' : ` (${signalName(signal)})`}`
  const hint =
    'The next call starts another. The log may say why it ended: it has what the program wrote to standard error.'
  return new BulkheadError('plugin.crashed', `the process of ${name} ${how}`, { hint, ...options })
}

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
