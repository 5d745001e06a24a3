// Reads the table from the package's own folder, once for the process and when it is first needed. Nothing else is read.

import { readFileSync } from 'node:fs'
import { parseTable, type Table } from './table.ts'

const file = new URL('../vectors.bin', import.meta.url)

let table: Table | undefined

/** @throws BulkheadError `host.internal` for a table that is damaged */
export const readTable = (): Table => {
  table ??= parseTable(readFileSync(file))
  return table
}
