// Scopes of the note capabilities: paths relative to the vault, `Projects/plan.md`. Arithmetic on names; which folder the
// vault is, and what really lies there, is the business of the note service.

import { invalidCapability } from '../invalid.ts'
import { foldSegment } from './path.ts'
import type { ScopeKind } from './scope.ts'
import { makeSegmentPattern, matchSegments } from './segment-pattern.ts'

/** A pattern without a star covers the note or the folder with all beneath it; `x/*` and `x/**` what is beneath `x`. */
export const notesScope: ScopeKind = {
  isPartitive: true,
  readSubject: (scope) => {
    const segments = segmentsOf(scope)
    return { text: segments.join('/'), segments }
  },
  readPattern: (scope) => {
    const segments = segmentsOf(scope)
    const exact = makeSegmentPattern(segments, { prefix: true, source: scope })
    const folded = makeSegmentPattern(segments.map(foldSegment), { prefix: true, source: scope })
    return {
      covers: (subject) => subject.segments !== undefined && matchSegments(exact, subject.segments),
      touches: (subject) => subject.segments !== undefined && matchSegments(folded, subject.segments.map(foldSegment)),
    }
  },
}

/** `./` at the start and `/` at the end say nothing; whatever would leave the vault is refused. */
const segmentsOf = (text: string): string[] => {
  if (text.includes('\\')) throw invalidCapability(text, 'has a backslash', 'Write paths with forward slashes.')
  if (text.startsWith('/') || text.startsWith('~')) {
    throw invalidCapability(
      text,
      'is not relative to the vault',
      'Write the path as it is inside the vault: Projects/**.',
    )
  }
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) throw invalidCapability(text, 'goes up with ".."', 'Write the path inside the vault.')
  if (segments.length === 0) throw invalidCapability(text, 'names nothing', 'Leave the scope out to mean all notes.')
  return segments
}
