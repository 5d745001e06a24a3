// What the processes of one plugin have in common. A type alone.

import type { DecideAccess, Limits, LogLevel, ProcessFacts } from '@bulkhead/kernel'
import type { Egress } from '@bulkhead/net'
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
  /** Absent: no network at all. */
  readonly egress?: Egress
  /** Id of the plugin's principal, for what is recorded outside of its calls. */
  readonly principal?: string
  readonly decideAccess?: DecideAccess
  readonly onProcess?: (facts: ProcessFacts) => void
  /**
   * How long a process that is to stop may take at each stage, ms: to answer that it was asked, to end by itself, to end by
   * SIGTERM. After these it is killed.
   */
  readonly stageMs: number
  /** Whether a call that fails, for whatever reason, takes the process along, and its state with that. */
  readonly endsOnFailure?: boolean
  /** What its protocol carries beside its own; as the protocol has it when absent. */
  adapt?(speaker: Speaker): Speaker
  /** Lines outside of any call. */
  log(level: LogLevel, message: string): void
}
