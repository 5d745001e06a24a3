// Options of reading and writing CSV. Types only.

/** How CSV is read. */
export interface CsvParseOptions {
  /** The first line names the columns, and rows are objects. */
  readonly header: boolean
  /** One character between cells. */
  readonly delimiter: string
}

/** How CSV is written. */
export interface CsvFormatOptions {
  readonly delimiter: string
  /** Columns to write, in this order; all that come when absent. For rows that are objects. */
  readonly columns?: readonly string[]
  /** Whether a line of column names comes first; for rows that are objects. */
  readonly header: boolean
  readonly newline: '\n' | '\r\n'
}
