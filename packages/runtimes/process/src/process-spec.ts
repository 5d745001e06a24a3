// What the processes of one plugin have in common. A type alone.

import type { DecideAccess, Limits, LogLevel, ProcessFacts } from '@bulkhead/kernel'
import type { PinnedFiles } from './pinned-files-node.ts'
import type { Program } from './program.ts'
import type { Speaker, SpokenProtocol } from './speaker.ts'

/** See the file's head. */
export interface ProcessSpec {
  readonly name: string
  readonly version: string
  readonly protocol: SpokenProtocol
  readonly hostVersion: string
  readonly files: PinnedFiles
  readonly program: Program
  readonly limits: Limits
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly decideAccess?: DecideAccess
  readonly onProcess?: (facts: ProcessFacts) => void
  /** Whether a call that fails, for whatever reason, takes the process along, and its state with that. */
  readonly endsOnFailure?: boolean
  /** What its protocol carries beside its own; as the protocol has it when absent. */
  adapt?(speaker: Speaker): Speaker
  /** Lines outside of any call. */
  log(level: LogLevel, message: string): void
}
