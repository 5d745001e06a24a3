// The one way to read annotations: picks the language, and turns whatever goes wrong into a warning.

import { type AnnotatedLanguage, annotationCaps, type Annotations } from './annotation.ts'
import { readLua } from './read-lua.ts'
import { readRune } from './read-rune.ts'
import { readScript } from './read-script.ts'
import { Warnings } from './warnings.ts'

const readers: Readonly<Record<AnnotatedLanguage, (source: string, warnings: Warnings) => Annotations['actions']>> = {
  lua: readLua,
  rune: readRune,
  javascript: readScript,
  typescript: readScript,
}

/** What the host takes for the name of an action. */
const actionName = /^[A-Za-z_$][\w$]{0,127}$/

/**
 * Reads what a source says of its actions, without running any of it. Never throws: what is wrong, unreadable or too much is
 * left out and warned of. Takes time in proportion to the source, of which {@link annotationCaps.source} characters are read.
 */
export const readAnnotations = (language: AnnotatedLanguage, source: string): Annotations => {
  const warnings = new Warnings()
  if (source.length > annotationCaps.source) {
    warnings.add(1, `the file is longer than ${annotationCaps.source} characters: its annotations are not read`)
    return { actions: {}, warnings: warnings.list() }
  }
  try {
    const found = Object.entries(readers[language](source, warnings))
    const actions = Object.fromEntries(found.filter(([name]) => actionName.test(name)))
    return { actions, warnings: warnings.list() }
  } catch (thrown) {
    // A fault of ours, or a stack that ran out; a plugin loads all the same.
    warnings.add(1, `the annotations cannot be read: ${(thrown as Error).message}`)
    return { actions: {}, warnings: warnings.list() }
  }
}
