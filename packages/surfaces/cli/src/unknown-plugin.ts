// When no plugin has the name that a person wrote: says more than "unknown" where more is known.

import { basename } from 'node:path'
import type { Host, SkippedPlugin } from '@bulkhead/host'
import { BulkheadError } from '@bulkhead/host/terms'
import type { Session } from './session.ts'

/** The reason why discovery skipped a plugin, as an error. */
export const skippedError = ({ error }: SkippedPlugin): BulkheadError =>
  new BulkheadError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
  })

/**
 * The error to show instead of `plugin.unknown`: why a plugin at a path of that name was skipped; a hint at a file of
 * that name; a hint at an untrusted project folder, which might hold it.
 */
export const explainUnknown = async (
  session: Session,
  host: Host,
  unknown: BulkheadError,
  name: string,
): Promise<BulkheadError> => {
  const namesake = host.skipped.find(({ path }) => basename(path).replace(/\.[a-z]+$/, '') === name)
  if (namesake !== undefined) return skippedError(namesake)
  const hints = [unknown.hint]
  if (await session.io.isFile(`${session.io.cwd}/${name}`))
    hints.unshift(`There is a file of that name: a path needs a slash, ./${name}.`)
  const untrusted = host.skipped.find(({ error }) => error.code === 'trust.required')
  if (untrusted?.error.hint !== undefined) hints.push(`${untrusted.error.message}. ${untrusted.error.hint}`)
  return new BulkheadError(unknown.code, unknown.message, {
    hint: hints.join(' '),
    ...(unknown.details === undefined ? {} : { details: unknown.details }),
  })
}
