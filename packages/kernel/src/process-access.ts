// What a program of the process tier may see of this host, as the gate decided it for one security context, and what is told of a
// program that was started. Types alone.

import type { CallContext } from './call/context.ts'
import type { Json } from './json.ts'

/** Paths are absolute and real. What is not named does not exist for the program. */
export interface ProcessAccess {
  readonly readable: readonly string[]
  readonly writable: readonly string[]
  /** Below readable or writable folders, and out of sight: what is denied there, pipes and sockets. */
  readonly hidden: readonly string[]
  /** Variables by name, beside those that every program has. */
  readonly environment: Readonly<Record<string, string>>
}

/** What holds for a program that was started; names and figures alone, no secrets. */
export type ProcessFacts = Readonly<Record<string, Json>>

/** Decides, when a process is about to be started. Without a context it is started to look at the plugin, for no call. */
export type DecideAccess = (context: CallContext | undefined) => Promise<ProcessAccess>
