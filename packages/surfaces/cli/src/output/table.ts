// Tables without borders, as wide as they need to be and no wider than the terminal. Cells are escaped here.

import { escapeLine } from '@bulkhead/host/terms'
import type { Colors } from './colors.ts'

/** One column. */
export interface Column<Row> {
  readonly head: string
  /** Plain text; it is escaped and cut by the table. */
  readonly cell: (row: Row) => string
  /** Colours the finished cell. */
  readonly paint?: (text: string, row: Row) => string
  /** Longest text in characters. Default 60. */
  readonly most?: number
}

/** How a table is drawn. */
export interface TableOptions {
  readonly colors: Colors
  /** Columns of the terminal; the last column is cut to fit. Absent: no cut but the columns' own. */
  readonly width?: number
}

const load = () => import('cli-table3')

const gap = 2
const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
}

/** Draws rows under a head; ends with a newline. */
export const tableText = async <Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): Promise<string> => {
  const cells = rows.map((row) => columns.map((column) => escapeLine(column.cell(row), column.most ?? 60)))
  const last = columns.length - 1
  if (options.width !== undefined) {
    const before = columns
      .slice(0, last)
      .reduce(
        (sum, column, at) => sum + gap + Math.max(column.head.length, ...cells.map((row) => row[at]?.length ?? 0)),
        0,
      )
    const room = Math.max(12, options.width - before - 1)
    for (const row of cells) {
      const text = row[last] ?? ''
      if (text.length > room) row[last] = `${text.slice(0, room - 1)}…`
    }
  }
  const { default: Table } = await load()
  const table = new Table({
    head: columns.map((column) => options.colors.bold(column.head)),
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const [index, row] of rows.entries()) {
    table.push(columns.map((column, at) => (column.paint ?? String)(cells[index]?.[at] ?? '', row)))
  }
  const text = table.toString()
  return `${text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`
}
