// How the library reaches the host: through the global `host` that every tier has, or through what a test passes instead.

import type { WireData } from '../json-schema.ts'
import { failure } from './failure.ts'

/** One host call. An action's context has it as `call`. */
export type CallHost = <T = WireData>(name: string, input?: unknown) => Promise<T>

/** Calls the host. @throws HostError */
export const callHost: CallHost = (name, input) => {
  const { host } = globalThis as { host?: { readonly call: CallHost } }
  if (host === undefined) throw failure('library.host', 'there is no host here; pass `call`, as a context has it')
  return host.call(name, input)
}
