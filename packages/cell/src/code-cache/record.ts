// The index record of one kept module: what its bytes must be, and a MAC over that and over the facts. Pure: reads and
// writes no file.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What is known of an entry before it is read. */
export interface IndexRecord {
  /** Bytes of the rewritten module. */
  readonly length: number
  /** SHA-256 of the rewritten module, lowercase hex. */
  readonly sha256: string
  readonly facts: string
}

const format = 'bulkhead-module-1'
const header = new RegExp(`^${format} (0|[1-9][0-9]{0,14}) ([0-9a-f]{64}) ([0-9a-f]{64})$`)

/** More than the longest first line of a record. */
export const maxHeaderBytes = 256

/** SHA-256 in lowercase hex. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The name of a key's files: other versions, and keys that are file names, never meet. */
export const entryName = (version: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([format, version, key]))
    .digest('hex')

// The name is covered: entry and record of one module, moved together into another's place, do not verify there.
const sealOf = (secret: Uint8Array, name: string, { length, sha256, facts }: IndexRecord): Buffer =>
  createHmac('sha256', secret).update(`${format}\n${name}\n${length}\n${sha256}\n`).update(facts).digest()

/** The record as a file holds it: one line, then the facts. */
export const writeRecord = (secret: Uint8Array, name: string, record: IndexRecord): Uint8Array =>
  new TextEncoder().encode(
    `${format} ${record.length} ${record.sha256} ${sealOf(secret, name, record).toString('hex')}\n${record.facts}`,
  )

/** Reads what {@link writeRecord} wrote with the same secret under the same name; undefined for anything else. */
export const readRecord = (secret: Uint8Array, name: string, bytes: Uint8Array): IndexRecord | undefined => {
  const end = bytes.subarray(0, maxHeaderBytes).indexOf(0x0a)
  const parts = end < 0 ? null : header.exec(Buffer.from(bytes.subarray(0, end)).toString('latin1'))
  if (parts === null) return undefined
  const [, length = '', sha256 = '', seal = ''] = parts
  try {
    const facts = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(end + 1))
    const record = { length: Number(length), sha256, facts }
    return timingSafeEqual(Buffer.from(seal, 'hex'), sealOf(secret, name, record)) ? record : undefined
  } catch {
    return undefined
  }
}
