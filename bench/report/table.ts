// The measures as Markdown tables, whose columns line up on a terminal too: the goals first, then whatever else was taken.

import { allGoals } from '../goals.ts'
import type { Measure } from '../measure.ts'

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false })
const heads = ['measure', 'unit', 'ours', 'peer’s', 'peer', 'ours / peer’s', 'target', 'met'] as const
/** Columns of figures, which stand to the right. */
const figures = new Set([2, 3, 5])

const cells = ({ name, unit, ours, peer, peerName, ratio, target, met }: Measure): readonly string[] => [
  name,
  unit,
  number.format(ours),
  peer === null ? '' : number.format(peer),
  peerName ?? '',
  ratio === null ? '' : `×${number.format(ratio)}`,
  target ?? '',
  met === null ? '' : met ? 'yes' : 'NO',
]

/** Makes one table. */
export const makeTable = (measures: readonly Measure[]): string => {
  const rows = [heads, ...measures.map(cells)]
  const widths = heads.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => (figures.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (figures.has(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`
  return [line(heads), rule, ...rows.slice(1).map(line)].join('\n')
}

/** Both tables, each with a heading and how many of its targets were met. */
export const makeTables = (measures: readonly Measure[]): string => {
  const goalNames = new Set(allGoals.map(({ name }) => name))
  return [
    ['Goals', measures.filter(({ name }) => goalNames.has(name))] as const,
    ['Further figures and floors', measures.filter(({ name }) => !goalNames.has(name))] as const,
  ]
    .filter(([, part]) => part.length > 0)
    .map(([title, part]) => {
      const judged = part.filter(({ met }) => met !== null)
      const met = judged.filter((measure) => measure.met === true).length
      return `## ${title}\n\n${met} of ${judged.length} targets met.\n\n${makeTable(part)}`
    })
    .join('\n\n')
}
