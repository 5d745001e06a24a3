// Scopes of filesystem capabilities: absolute, canonical POSIX paths. This is arithmetic on names; links and races are
// the business of the service that opens the file, which asks the gate again with the real path.

import { invalidCapability } from '../invalid.ts'
import type { ScopeKind, ScopeRoots } from './scope.ts'
import { makeSegmentPattern, matchSegments } from './segment-pattern.ts'

/**
 * Resolves a path to the segments of an absolute one: `./x` and `x` against the workspace root, `~/x` against the
 * home, `.`, `..` and empty segments removed. Percent signs mean themselves.
 * @throws BulkheadError `capability.invalid` for a backslash, or for a root that is not given
 */
export const resolvePath = (text: string, roots: ScopeRoots): string[] => {
  if (text.includes('\\')) throw invalidCapability(text, 'has a backslash', 'Write paths with forward slashes.')
  const resolved: string[] = []
  for (const segment of `${baseOf(text, roots)}/${/^~(?:\/|$)/.test(text) ? text.slice(1) : text}`.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') resolved.push(segment)
    else if ((resolved.pop() ?? '').includes('*')) {
      throw invalidCapability(text, 'goes up from a segment with a *', 'Write the path without "..".')
    }
  }
  return resolved
}

const baseOf = (text: string, roots: ScopeRoots): string => {
  if (text.startsWith('/')) return ''
  const inHome = /^~(?:\/|$)/.test(text)
  const base = inHome ? roots.home : roots.workspaceRoot
  // A star in a root would turn each relative grant into a pattern over the root's neighbours.
  if (base === undefined || !base.startsWith('/') || base.includes('*')) {
    throw invalidCapability(
      text,
      `cannot be resolved: no absolute ${inHome ? 'home folder' : 'workspace root'} without a * is known`,
      'Write an absolute path.',
    )
  }
  return base
}

/** Folds what some file systems hold to be the same name: case, composition, ignorable characters, trailing dots. */
export const foldSegment = (segment: string): string =>
  segment
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[. ]+$/, '')

/** Paths. A pattern without a star covers the path and everything beneath it; `/x/*` and `/x/**` what is beneath. */
export const pathScope: ScopeKind = {
  readSubject: (scope, roots) => {
    const segments = resolvePath(scope, roots)
    return { text: `/${segments.join('/')}`, segments }
  },
  readPattern: (scope, roots) => {
    const segments = resolvePath(scope, roots)
    const exact = makeSegmentPattern(segments, { prefix: true, source: scope })
    const folded = makeSegmentPattern(segments.map(foldSegment), { prefix: true, source: scope })
    return {
      covers: (subject) => subject.segments !== undefined && matchSegments(exact, subject.segments),
      touches: (subject) => subject.segments !== undefined && matchSegments(folded, subject.segments.map(foldSegment)),
    }
  },
}
