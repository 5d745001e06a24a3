// Reads what `--limit` gets: `name=value`, with the names and the spelling of manifests.

import type { Limits } from '@bulkhead/host'
import { BulkheadError, isLimitName, limitNames, limitSpecs, parseLimit } from '@bulkhead/host/terms'
import { usageError } from './usage.ts'

/** A name and its value, for example `network=50MiB`. @throws BulkheadError `usage.invalid` */
const readLimit = (text: string): Partial<Limits> => {
  const [name = '', ...rest] = text.split('=')
  if (!isLimitName(name) || rest.length === 0) {
    throw usageError(
      `--limit: "${text.slice(0, 60)}" is not a limit`,
      `Write <name>=<value>: ${limitNames.join(', ')}.`,
    )
  }
  try {
    return { [limitSpecs[name].field]: parseLimit(name, rest.join('=')) }
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError)) throw thrown
    throw usageError(`--limit ${name}: ${thrown.message}`, thrown.hint)
  }
}

/** Adds one more limit to those before; the last of a name counts. @throws BulkheadError `usage.invalid` */
export const collectLimit = (text: string, before: Partial<Limits> = {}): Partial<Limits> => ({
  ...before,
  ...readLimit(text),
})

/** What a shorthand gets (`--memory 64MiB`), read as `--limit` reads it. */
export const shorthandLimit =
  (option: string, name: string) =>
  (text: string): Partial<Limits> => {
    try {
      return readLimit(`${name}=${text}`)
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown
      throw usageError(thrown.message.replace(`--limit ${name}`, option), thrown.hint)
    }
  }
