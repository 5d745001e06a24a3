// What every command is given: the process, the library, and the signal that ends it.

import type { Command } from 'commander'
import type { Colors } from './output/colors.ts'
import type { CliIo } from './io.ts'
import type { CliLibrary } from './library.ts'
import type { Report } from './report.ts'

/** One run of the command line. */
export interface Session {
  readonly io: CliIo
  readonly library: CliLibrary
  /** Aborts when the person interrupts the command. */
  readonly signal: AbortSignal
  /** The state folder, resolved when it is read. @throws BulkheadError `home.unsafe` */
  readonly home: string
  /** Colours of stdout and of stderr; they do nothing where there is no terminal. */
  readonly colors: { readonly out: Colors; readonly err: Colors }
}

/** Runs a command's body and prints what it reports, as JSON if the first argument says so. */
export type Act = (json: boolean, body: (session: Session) => Promise<Report>) => Promise<void>

/** Adds one command to its parent. */
export type AddCommand = (parent: Command, act: Act) => void
