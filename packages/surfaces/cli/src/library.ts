// What the commands use of the public library, as one argument: a test hands in its own. Surfaces use nothing else of
// the house.

import type { CheckedPlugin, DoctorFinding, Host, HostOptions, PluginReport } from '@bulkhead/host'

/** A project's `.bulkhead` folder, as it is now. */
export interface FolderDigest {
  readonly path: string
  /** SHA-256 over names and contents of all files, lowercase hex; any change ends the trust. */
  readonly digest: string
  readonly files: readonly string[]
}

/** One record of the audit log, as far as it is shown. */
export interface ShownRecord {
  readonly id: string
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly type: string
  readonly result: 'allowed' | 'denied' | 'info'
  readonly principal?: string
  readonly plugin?: string
  readonly callId?: string
  readonly action?: string
  readonly function?: string
  readonly capabilities?: readonly string[]
  readonly why?: string
}

/** Which records are wanted; all conditions hold together. */
export interface RecordFilter {
  readonly plugin?: string
  readonly result?: 'allowed' | 'denied' | 'info'
  readonly type?: string
  /** Milliseconds since the Unix epoch. */
  readonly since?: number
  readonly callId?: string
  /** Only the last so many. */
  readonly limit?: number
}

/** What the check of the audit log found and what it proves. */
export interface ShownAuditReport {
  readonly ok: boolean
  readonly chains: readonly { readonly chain: string; readonly records: number }[]
  readonly problems: readonly { readonly chain: string; readonly line?: number; readonly message: string }[]
  readonly notes: readonly string[]
  readonly proves: readonly string[]
  readonly doesNotProve: readonly string[]
}

interface TrustTarget {
  readonly home: string
  readonly folder: string
}

/** The public library, as the commands see it. */
export interface CliLibrary {
  openHost(options: HostOptions): Promise<Host>
  inspectPlugin(path: string): Promise<PluginReport>
  checkPlugin(path: string): Promise<CheckedPlugin>
  /** The path of an installed plugin; undefined when none has that name. */
  findInstalled(
    name: string,
    search: { readonly home: string; readonly workspaceRoot: string },
  ): Promise<{ readonly path: string } | undefined>
  resolveHome(env: Readonly<Record<string, string | undefined>>): string
  runDoctor(options: { readonly home: string }): Promise<readonly DoctorFinding[]>
  previewTrust(target: { readonly folder: string }): Promise<FolderDigest>
  trustFolder(target: TrustTarget & { readonly expectedDigest?: string }): Promise<FolderDigest>
  /** @returns whether it was trusted */
  untrustFolder(target: TrustTarget): Promise<boolean>
  listTrusted(options: {
    readonly home: string
  }): Promise<readonly { readonly path: string; readonly digest: string; readonly at: string }[]>
  queryAudit(home: string, filter?: RecordFilter): AsyncIterable<ShownRecord>
  verifyAudit(home: string): Promise<ShownAuditReport>
}
