// Filters over notes as conditions of SQL. The texts are values of the statement, never part of it.

import type { SQLInputValue } from 'node:sqlite'
import { foldName } from '../markdown/note-path.ts'
import type { NoteFilter } from '../wire.ts'

/** A condition on the table `note` and its values. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** The condition of a filter; true when it names nothing. */
export const conditionOf = ({ folder, tag }: NoteFilter): Condition => {
  const parts: string[] = []
  const values: string[] = []
  if (folder !== undefined && folder !== '') {
    // `0` is the character after `/`: all paths that start with the folder's name and a slash.
    parts.push('note.path >= ? AND note.path < ?')
    values.push(`${folder}/`, `${folder}0`)
  }
  if (tag !== undefined) {
    const folded = foldName(tag)
    parts.push('note.id IN (SELECT note FROM tag WHERE folded = ? OR (folded >= ? AND folded < ?))')
    values.push(folded, `${folded}/`, `${folded}0`)
  }
  return { sql: parts.length === 0 ? '1' : parts.join(' AND '), values }
}
