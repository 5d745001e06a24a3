// What the entry of a plugin says of its actions: read here, in the cell, for the text is anybody's.

import { type AnnotationList, parseAnnotations } from '@bulkhead/bundle/answers'
import type { Program } from './program.ts'

/** Annotations, and how each action takes its input: the names of its places; null takes it whole. */
export type SaidOfActions = AnnotationList & { readonly parameters: Program['parameters'] }

/** Never fails: what is not readable says nothing. */
export const annotationsOf = async (
  { sources }: Pick<Program, 'sources'>,
  language: 'lua' | 'rune',
): Promise<SaidOfActions> => {
  const [entry] = sources.values()
  // The reader is loaded with the first plugin that needs it.
  const { readAnnotations } = await import('@bulkhead/bundle/annotations')
  const read = readAnnotations(language, new TextDecoder().decode(entry))
  const parameters = Object.entries(read.actions).map(
    ([name, { parameters: places }]): [string, readonly string[] | null] => [
      name,
      places?.map((place) => place.name) ?? null,
    ],
  )
  return { ...parseAnnotations(JSON.stringify(read)), parameters: Object.fromEntries(parameters) }
}
