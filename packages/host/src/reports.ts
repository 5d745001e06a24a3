// What is told of a plugin, or of this machine, before anything is opened. Types only.

import type { ActionSpec, Manifest, SourceDiagnostic } from '@bulkhead/kernel'

/** What `inspectPlugin` finds without running anything. */
export interface PluginReport {
  readonly path: string
  readonly manifest?: Manifest
  readonly digest?: string
  readonly faults: readonly {
    readonly file: string
    readonly line: number
    readonly field: string
    readonly message: string
    readonly mend: string
  }[]
  readonly warnings: readonly string[]
}

/** What `checkPlugin` finds without running anything. */
export interface CheckedPlugin extends PluginReport {
  /** Of its sources: faults, which keep it from loading, and oddities, which do not. */
  readonly diagnostics: readonly SourceDiagnostic[]
  /** Those that the manifest names, and those that can be told from the sources. */
  readonly actions: Readonly<Record<string, ActionSpec>>
}

/** One line of `bulkhead doctor`. */
export interface DoctorFinding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, and how it was verified. */
  readonly detail: string
  readonly hint?: string
}
