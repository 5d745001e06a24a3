// What the host checks and says of a call that a cell has ended.

import type { RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'

/** @throws BulkheadError `limit.output` */
export const checkOutput = (output: RuntimeResult['output'], request: RuntimeCall): void => {
  const bytes =
    output.kind === 'raw'
      ? output.bytes.length
      : (output.payload.blobs ?? []).reduce((sum, blob) => sum + blob.length, output.payload.json.length)
  const most = request.context.limits.outputBytes
  if (bytes > most) throw new BulkheadError('limit.output', `the output is ${bytes} bytes; at most ${most} are taken`)
}

/** Areas of the codes that a cell itself comes to; others it has from the host. */
const areasOfCells = /^(?:plugin|limit|call|action|artifact|input|output|schema|host)\./

/**
 * An error that a cell sent, which may be anybody's by now: a decision of the host's it cannot make up. `given` are the ids of the
 * errors that its host calls were answered with.
 */
export const asCellError = (error: BulkheadError, given?: ReadonlySet<string>): BulkheadError => {
  const { code, message, details, id } = error
  if (areasOfCells.test(code) || (id !== undefined && given?.has(id) === true)) return error
  return new BulkheadError('plugin.failed', message, details === undefined ? {} : { details })
}

/** What the cell says of an end does not name the call: it knows only "the plugin". */
export const nameEnd = (error: BulkheadError, { action, context }: RuntimeCall): BulkheadError => {
  if (!error.code.startsWith('limit.') || !error.message.startsWith('the plugin ')) return error
  return new BulkheadError(
    error.code,
    `${context.principal.name}.${action}${error.message.slice('the plugin'.length)}`,
    {
      hint: error.hint,
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  )
}
