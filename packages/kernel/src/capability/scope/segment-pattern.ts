// Patterns over the segments of a path, for files and for URLs: one segment against one glob, so a star never crosses a
// slash, except at the end.

import { type Glob, makeGlob, matchGlob } from '../glob.ts'
import { invalidCapability } from '../invalid.ts'

/** A compiled path pattern. */
export interface SegmentPattern {
  readonly globs: readonly Glob[]
  /** `exact`: that path; `beneath`: everything below it; `prefix`: both. */
  readonly reach: 'exact' | 'beneath' | 'prefix'
}

/**
 * Compiles segments. A last segment `*` or `**` means everything beneath; otherwise the path itself, and with
 * `prefix` what lies beneath it too (never when the last segment has a star).
 * @throws BulkheadError `capability.invalid` when `**` stands elsewhere
 */
export const makeSegmentPattern = (
  segments: readonly string[],
  options: { readonly prefix: boolean; readonly source: string },
): SegmentPattern => {
  const last = segments.at(-1)
  const beneath = last === '*' || last === '**'
  const fixed = beneath ? segments.slice(0, -1) : segments
  if (fixed.some((segment) => segment.includes('**'))) {
    throw invalidCapability(options.source, 'has ** before its end', '** may only be the last segment of a path.')
  }
  return {
    globs: fixed.map((segment) => makeGlob(segment)),
    reach: beneath ? 'beneath' : options.prefix && !(last ?? '').includes('*') ? 'prefix' : 'exact',
  }
}

/** Whether the pattern spells these segments; `starAccepts` may refuse segments that a star would swallow. */
export const matchSegments = (
  pattern: SegmentPattern,
  segments: readonly string[],
  starAccepts: (segment: string) => boolean = () => true,
): boolean => {
  const least = pattern.globs.length + (pattern.reach === 'beneath' ? 1 : 0)
  if (segments.length < least || (pattern.reach === 'exact' && segments.length > least)) return false
  return pattern.globs.every((glob, index) => {
    const segment = segments[index] ?? ''
    return matchGlob(glob, segment) && (glob.literal || (segment !== '' && starAccepts(segment)))
  })
}
