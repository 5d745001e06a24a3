// Scopes of names that have no matcher of their own (functions of the embedding program): literal text, `*` for any text.

import { makeGlob, matchGlob } from '../glob.ts'
import { invalidCapability } from '../invalid.ts'
import type { ScopeKind } from './scope.ts'

/** Literal scopes. One that looks like a path with dot segments is refused: nobody resolves them here. */
export const genericScope: ScopeKind = {
  readSubject: (scope) => {
    if (/(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(scope)) {
      throw invalidCapability(scope, 'has a dot segment', 'Resolve the path before asking.')
    }
    return { text: scope }
  },
  readPattern: (scope) => {
    const glob = makeGlob(scope)
    const loose = makeGlob(scope.toLowerCase())
    return {
      covers: (subject) => matchGlob(glob, subject.text),
      touches: (subject) => matchGlob(loose, subject.text.toLowerCase()),
    }
  },
}
