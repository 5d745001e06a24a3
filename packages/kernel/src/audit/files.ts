// What the audit log needs from the outside: files for chains and heads, a signer, a place to export heads to.

import type { ChainHead } from './chain.ts'

/** One line of a chain file. `complete` is false for a last line without its newline: a torn write. */
export interface AuditLine {
  readonly text: string
  readonly complete: boolean
}

/** Reads the log. Never follows links, never waits on anything but a regular file. */
export interface AuditReader {
  /** Names of the chains whose files are there, sorted. */
  chains(): Promise<readonly string[]>
  /** Texts of the kept heads, by the chain that the file's name gives, sorted. With `newest`, only that many of the last. */
  heads(newest?: number): Promise<readonly { readonly chain: string; readonly text: string }[]>
  /** Lines of one chain, in order, each byte as one character. */
  lines(chain: string): AsyncIterable<AuditLine>
}

/** One open chain file. */
export interface AuditFile {
  append(text: string): Promise<void>
  /** Resolves when everything appended is durable. Rejects also when the file is no longer the one under its name. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Reads and writes the log. */
export interface AuditFiles extends AuditReader {
  /** Makes a chain's file; it must not exist. */
  create(chain: string): Promise<AuditFile>
  /** Replaces a head as a whole. */
  writeHead(chain: string, text: string): Promise<void>
  /** Removes what a chain that never held a record left behind. */
  discard(chain: string): Promise<void>
  /** Bytes of all chains. */
  totalBytes(): Promise<number>
}

/** Signs heads, so that who can write the files but lacks the key cannot forge a head. */
export interface HeadSigner {
  sign(text: string): Promise<string>
  verify(text: string, signature: string): Promise<boolean>
}

/** Takes heads to a place that this machine cannot rewrite. A failure is counted and never stops the log. */
export interface AnchorPort {
  export(head: ChainHead): Promise<void>
}
