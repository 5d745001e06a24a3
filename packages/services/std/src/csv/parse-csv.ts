// CSV as RFC 4180 has it, with line ends of any kind. One pass; every cell is text.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { ResultBudget } from '../compute/bounds.ts'
import type { CsvParseOptions } from './csv-options.ts'

interface Line {
  readonly cells: readonly string[]
  /** Where it begins, counted from 1. */
  readonly number: number
}

/**
 * The rows as JSON text: lists of cells, or objects by column name. Blank lines are passed over. A row with fewer
 * cells than there are columns lacks the last ones.
 * @throws BulkheadError `input.invalid` with the line, `limit.output`
 */
export const parseCsv = (text: string, { header, delimiter }: CsvParseOptions): string => {
  const budget = new ResultBudget()
  const lines = readLines(text, delimiter, budget)
  if (!header) return JSON.stringify(lines.map(({ cells }) => cells))
  const [first, ...rest] = lines
  if (first === undefined) return '[]'
  const columns = checkColumns(first)
  return JSON.stringify(
    rest.map(({ cells, number }) => {
      if (cells.length > columns.length) {
        throw fault(number, `it has ${cells.length} cells, and there are ${columns.length} columns`)
      }
      // Without a prototype, `__proto__` is a column like any other. The names are written with every row.
      const row: Record<string, string> = Object.create(null) as Record<string, string>
      for (const [index, cell] of cells.entries()) {
        const column = columns[index] ?? ''
        budget.add(column.length)
        row[column] = cell
      }
      return row
    }),
  )
}

const checkColumns = ({ cells, number }: Line): readonly string[] => {
  const seen = new Set<string>()
  for (const column of cells) {
    if (seen.has(column)) throw fault(number, `the column ${JSON.stringify(column.slice(0, 100))} is there twice`)
    seen.add(column)
  }
  return cells
}

const readLines = (text: string, delimiter: string, budget: ResultBudget): Line[] => {
  const lines: Line[] = []
  let cells: string[] = []
  let line = 1
  let begun = 1
  // A byte order mark is none of the first cell's.
  let at = text.startsWith('\ufeff') ? 1 : 0
  const add = (cell: string): void => {
    budget.add(cell.length)
    cells.push(cell)
  }
  const endLine = (): void => {
    const isBlank = cells.length === 1 && cells[0] === '' && text[at - 1] !== '"'
    if (!isBlank) lines.push({ cells, number: begun })
    cells = []
  }
  while (at < text.length) {
    if (text[at] === '"') {
      const { cell, end } = readQuoted(text, at, line)
      add(cell)
      line += newlines(text, at, end)
      at = end
    } else {
      const end = endOfPlain(text, at, delimiter)
      add(text.slice(at, end))
      at = end
    }
    const next = text[at]
    if (next === delimiter) {
      at++
      // The line may end with an empty cell.
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue
      add('')
    } else if (next !== undefined && next !== '\n' && next !== '\r') {
      throw fault(line, 'a quoted cell is followed by more text')
    }
    endLine()
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    at++
    begun = ++line
  }
  return lines
}

const endOfPlain = (text: string, start: number, delimiter: string): number => {
  let end = start
  for (; end < text.length; end++) {
    const character = text[end]
    if (character === delimiter || character === '\n' || character === '\r') break
  }
  return end
}

const readQuoted = (text: string, start: number, line: number): { readonly cell: string; readonly end: number } => {
  const parts: string[] = []
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) throw fault(line, 'a quotation mark is not closed')
    parts.push(text.slice(from, quote))
    if (text[quote + 1] !== '"') return { cell: parts.join('"'), end: quote + 1 }
    from = quote + 2
  }
}

/** Looks at the cell alone: a search in the whole text would go on behind it, for every cell anew. */
const newlines = (text: string, start: number, end: number): number => text.slice(start, end).split('\n').length - 1

const fault = (line: number, what: string): BulkheadError =>
  new BulkheadError('input.invalid', `line ${line}: ${what}`, { details: { line } })
