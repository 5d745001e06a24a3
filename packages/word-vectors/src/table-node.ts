// Reads the table from the package's own folder, once for the process and when it is first needed. Nothing else is read.

import { readFileSync } from 'node:fs'
import { parseTable, type Table } from './table.ts'

/** The file that comes with the package. */
export const tableFile = new URL('../vectors.bin', import.meta.url)

/** What is known of the file without reading it; a test holds both against it. */
export const tableFacts = {
  dimensions: 128,
  /** The first digits of its SHA-256. */
  hash: 'c28ae23c',
} as const

let table: Table | undefined

/** @throws BulkheadError `host.internal` for a table that is damaged */
export const readTable = (): Table => {
  table ??= parseTable(readFileSync(tableFile), tableFacts.dimensions)
  return table
}
