// Scopes of the `exec` capability: a program and perhaps its first arguments, one space between words. Whoever makes
// such a scope from an argv writes a space inside a word as %20 and a percent sign as %25, so that words stay words.

import { invalidCapability } from '../invalid.ts'
import type { ScopeKind } from './scope.ts'
import { makeSegmentPattern, matchSegments } from './segment-pattern.ts'

/** Commands. `git` covers git with any arguments, `git status` those that begin so; a star stays inside a word. */
export const commandScope: ScopeKind = {
  readSubject: (scope) => ({ text: scope, segments: wordsOf(scope) }),
  readPattern: (scope) => {
    const words = wordsOf(scope)
    const exact = makeSegmentPattern(words, { prefix: true, source: scope })
    const folded = makeSegmentPattern(
      words.map((word) => word.toLowerCase()),
      { prefix: true, source: scope },
    )
    return {
      covers: (subject) => matchSegments(exact, subject.segments ?? []),
      touches: (subject) => {
        const said = (subject.segments ?? []).map((word) => word.toLowerCase())
        // A denial of `git` means /usr/bin/git as well.
        return (
          matchSegments(folded, said) || matchSegments(folded, [said[0]?.split('/').at(-1) ?? '', ...said.slice(1)])
        )
      },
    }
  },
}

const wordsOf = (scope: string): string[] => {
  const words = scope.split(' ')
  if (words.includes('')) throw invalidCapability(scope, 'has two spaces together', 'One space between words.')
  if (words[0]?.includes('/') === true && /(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(words[0])) {
    throw invalidCapability(
      scope,
      'names a program by a path with dot segments',
      'Write its absolute path, or its name.',
    )
  }
  return words
}
