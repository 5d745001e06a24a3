// The judged set: a small vault of notes and queries with the notes that answer them, all written for this. Read from
// committed files; nothing is judged here.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * How a query was written: in other words than the note's, as a question (which may share a word with the note), as a few
 * words that mean the same, or with the note's own words.
 */
export const kinds = ['paraphrase', 'question', 'keywords', 'literal'] as const

/** See {@link kinds}. */
export type Kind = (typeof kinds)[number]

/** Weights are chosen on the first half only; what is reported is measured on the other. Both queries of a note are in one. */
export type Half = 'dev' | 'test'

/** One note of the vault. */
export interface LabelledNote {
  /** `folder/name`, without `.md`. */
  readonly id: string
  readonly title: string
  readonly text: string
}

/** One query. */
export interface LabelledQuery {
  readonly kind: Kind
  readonly half: Half
  readonly text: string
  /** Ids of the notes that answer it. */
  readonly notes: readonly string[]
}

/** All of it. */
export interface LabelledSet {
  readonly notes: readonly LabelledNote[]
  readonly queries: readonly LabelledQuery[]
}

/** The folder of the notes. */
export const labelledVault = fileURLToPath(new URL('./vault/', import.meta.url))
const table = new URL('./queries.tsv', import.meta.url)

const readNote = (id: string): LabelledNote => {
  const [heading = '', ...lines] = readFileSync(`${labelledVault}${id}.md`, 'utf8').split('\n')
  return { id, title: heading.replace(/^# /, ''), text: lines.join('\n').trim() }
}

const isKind = (value: string): value is Kind => (kinds as readonly string[]).includes(value)
const isHalf = (value: string): value is Half => value === 'dev' || value === 'test'

const parseQuery = (line: string): LabelledQuery => {
  const [kind = '', half = '', text = '', notes = '', ...rest] = line.split('\t')
  if (!isKind(kind) || !isHalf(half) || text === '' || notes === '' || rest.length > 0)
    throw new Error(`not a query of the labelled set: ${line}`)
  return { kind, half, text, notes: notes.split(' ') }
}

/** Reads the set. @throws Error for a line that is none */
export const readLabelledSet = (): LabelledSet => ({
  notes: readdirSync(labelledVault, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => path.slice(0, -'.md'.length).replaceAll('\\', '/'))
    .sort()
    .map(readNote),
  queries: readFileSync(table, 'utf8').trimEnd().split('\n').slice(1).map(parseQuery),
})
