// What a person may write where a plugin is meant: an installed name, or a path.

import { isAbsolute, resolve, sep } from 'node:path'

/** Whether the text names a path: it has a slash (as the shell decides for commands), or is `.` or `..`. */
export const isPath = (text: string): boolean =>
  text.includes('/') || text.includes(sep) || isAbsolute(text) || text === '.' || text === '..'

/** The absolute path when the text is one. */
export const pathOf = (text: string, cwd: string): string | undefined => (isPath(text) ? resolve(cwd, text) : undefined)
