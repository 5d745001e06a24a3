// Scopes of the `env` capability: names of environment variables, exact case; `GEMINI_*` is a glob.

import { makeGlob, matchGlob } from '../glob.ts'
import { invalidCapability } from '../invalid.ts'
import type { ScopeKind } from './scope.ts'

/** Environment variable names (POSIX, with the `-`, `.` and parentheses that other systems have). */
export const environmentScope: ScopeKind = {
  readSubject: (scope) => ({ text: checked(scope) }),
  readPattern: (scope) => {
    const glob = makeGlob(checked(scope))
    // Some systems fold the case of names: a denial means every case.
    const loose = makeGlob(scope.toUpperCase())
    return {
      covers: (subject) => matchGlob(glob, subject.text),
      touches: (subject) => matchGlob(loose, subject.text.toUpperCase()),
    }
  },
}

const checked = (scope: string): string => {
  if (/^[A-Za-z0-9_.()*-]+$/.test(scope)) return scope
  throw invalidCapability(scope, 'is not the name of an environment variable')
}
