// Annotations on their way from where sources are read to whoever uses them. They come out of hostile text, perhaps through a
// jail, so they are read within caps; annotations that are not readable are none.

import type { ActionSpec } from '@bulkhead/kernel'
import { type JsonCaps, parseJson } from '@bulkhead/kernel/wire'
import { parseActionList } from './action-list.ts'

const caps: JsonCaps = { maxLength: 8 * 1024 * 1024, maxDepth: 72, maxMembers: 100_000 }
const maxWarnings = 50
const maxMessage = 300

/** An annotation that was left out. */
export interface AnnotationNote {
  /** 1-based. */
  readonly line: number
  readonly message: string
}

/** What a source says of its actions; see `@bulkhead/bundle/annotations`. */
export interface AnnotationList {
  readonly actions: Readonly<Record<string, ActionSpec>>
  /** 1-based lines of the declarations. */
  readonly lines: Readonly<Record<string, number>>
  readonly warnings: readonly AnnotationNote[]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLine = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** Never throws. `undefined` says nothing. */
export const parseAnnotations = (json: string | undefined): AnnotationList => {
  if (json === undefined) return { actions: {}, lines: {}, warnings: [] }
  try {
    const list = parseJson(json, 'the annotations', caps)
    const { actions, warnings } = isObject(list) ? list : {}
    const found = isObject(actions) ? Object.entries(actions) : []
    return {
      actions: parseActionList(JSON.stringify(Object.fromEntries(found))),
      lines: Object.fromEntries(
        found.flatMap(([name, said]) => (isObject(said) && isLine(said['line']) ? [[name, said['line']]] : [])),
      ),
      warnings: (Array.isArray(warnings) ? warnings.slice(0, maxWarnings) : [])
        .filter(isNote)
        .map(({ line, message }): AnnotationNote => ({ line, message: message.slice(0, maxMessage) })),
    }
  } catch {
    return { actions: {}, lines: {}, warnings: [{ line: 1, message: 'the annotations cannot be read' }] }
  }
}

const isNote = (value: unknown): value is AnnotationNote =>
  isObject(value) && isLine(value['line']) && typeof value['message'] === 'string'

/** Actions as the code has them, where it says nothing of one with what its annotations say. */
export const completeActions = (
  actions: Readonly<Record<string, ActionSpec>>,
  said: Readonly<Record<string, ActionSpec>>,
): Readonly<Record<string, ActionSpec>> =>
  Object.fromEntries(
    Object.entries(actions).map(([name, spec]) => {
      const annotated = Object.keys(spec).length === 0 && Object.hasOwn(said, name) ? said[name] : undefined
      return [name, annotated ?? spec]
    }),
  )
