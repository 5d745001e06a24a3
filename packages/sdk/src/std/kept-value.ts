// A JSON value in the host's store with its version, for changes that must not undo another writer's.

import type { KeyValueScope } from '../context.ts'
import type { JsonValue } from '../json-schema.ts'
import { type CallHost, callHost } from './host-port.ts'

/** Where a value is kept. */
export interface KeptIn {
  readonly scope?: KeyValueScope
  /** Instead of the global `host`: an action's `context.call`. */
  readonly call?: CallHost
}

/** A value as it was read; version 0 is none. */
export interface KeptValue<T> {
  readonly value: T | undefined
  readonly version: number
}

/** Reads it. */
export const readKept = async <T>(key: string, { scope, call = callHost }: KeptIn): Promise<KeptValue<T>> => {
  const { found, value, version } = await call<{ found: boolean; value: T; version: number }>('kv.get', {
    key,
    ...(scope === undefined ? {} : { scope }),
  })
  return { value: found ? value : undefined, version }
}

/** Writes it if it still has that version; the new version, or undefined when another writer came first. */
export const writeKept = async (
  key: string,
  { value, version }: { readonly value: JsonValue; readonly version: number },
  { scope, call = callHost }: KeptIn,
): Promise<number | undefined> => {
  const written = await call<{ updated: boolean; version: number }>('kv.update', {
    key,
    value,
    ifVersion: version,
    ...(scope === undefined ? {} : { scope }),
  })
  return written.updated ? written.version : undefined
}
