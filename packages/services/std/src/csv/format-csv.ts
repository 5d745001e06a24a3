// Writes rows as CSV (RFC 4180). A cell that needs quotation marks gets them.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { ResultBudget } from '../compute/bounds.ts'
import type { CsvFormatOptions } from './csv-options.ts'

/**
 * The text of rows: lists of cells, or objects by column name; not both. An absent cell is empty.
 * @throws BulkheadError `input.invalid`, `limit.output`
 */
export const formatCsv = (rows: readonly unknown[], options: CsvFormatOptions): string => {
  const { delimiter, newline, header } = options
  const budget = new ResultBudget()
  const hasLists = Array.isArray(rows[0])
  const columns = hasLists ? [] : (options.columns ?? columnsOf(rows))
  const lines: string[] = []
  const add = (cells: readonly unknown[], where: string): void => {
    const texts = cells.map((cell, index) => {
      const text = writeCell(cell, delimiter, `${where}[${index}]`)
      budget.add(text.length + 1)
      return text
    })
    // A line of one empty cell would be read as no line at all.
    lines.push(texts.length === 1 && texts[0] === '' ? '""' : texts.join(delimiter))
  }
  if (!hasLists && header && columns.length > 0) add(columns, 'columns')
  for (const [index, row] of rows.entries()) {
    if (Array.isArray(row) !== hasLists || typeof row !== 'object' || row === null) {
      throw invalid(`rows[${index}]`, 'rows are all lists, or all objects')
    }
    const members = row as Readonly<Record<string, unknown>>
    add(
      Array.isArray(row) ? row : columns.map((column) => (Object.hasOwn(members, column) ? members[column] : null)),
      `rows[${index}]`,
    )
  }
  return lines.map((line) => line + newline).join('')
}

/** Every name, in the order in which they first come. */
const columnsOf = (rows: readonly unknown[]): string[] => {
  const columns = new Set<string>()
  for (const row of rows) {
    if (typeof row === 'object' && row !== null) for (const name of Object.keys(row)) columns.add(name)
  }
  return [...columns]
}

const writeCell = (cell: unknown, delimiter: string, where: string): string => {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'object') throw invalid(where, 'a cell is text, a number, true, false or null')
  const text = typeof cell === 'string' ? cell : String(cell)
  const isPlain =
    !/["\r\n]/.test(text) && !text.includes(delimiter) && text.trim() === text && !text.startsWith('\ufeff')
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}

const invalid = (path: string, message: string): BulkheadError =>
  new BulkheadError('input.invalid', `${path}: ${message}`, { details: { issues: [{ path, message }] } })
