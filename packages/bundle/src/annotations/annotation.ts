// What annotations in a plugin's source say of its actions, as data, and the bounds within which they are read. The text is
// hostile: every reader is linear in it, and nothing in it can fail a load.

import type { JsonObject, Risk } from '@bulkhead/kernel/wire'

/** Languages whose annotations are read. */
export type AnnotatedLanguage = 'lua' | 'rune' | 'javascript' | 'typescript'

/** One parameter of an action that is called by position. */
export interface ParameterAnnotation {
  readonly name: string
  /** JSON Schema; absent when the source names no type. */
  readonly schema?: JsonObject
  readonly description?: string
  /** Whether a caller may leave it out: it is marked so, may be nil, or has no type. */
  readonly optional: boolean
}

/** What the source says of one action. */
export interface ActionAnnotation {
  readonly description?: string
  /** In the order of the call; null when the action takes the whole input as its one argument. */
  readonly parameters: readonly ParameterAnnotation[] | null
  /** JSON Schema of the whole input; absent when anything goes. */
  readonly input?: JsonObject
  readonly output?: JsonObject
  readonly risk?: Risk
  readonly timeoutMs?: number
  /** Line of its declaration, 1-based. */
  readonly line: number
}

/** An annotation that was left out, and why. */
export interface AnnotationWarning {
  /** 1-based. */
  readonly line: number
  readonly message: string
}

/** What one source file says. */
export interface Annotations {
  /** By the name of the action, as far as it can be told without running the source. */
  readonly actions: Readonly<Record<string, ActionAnnotation>>
  readonly warnings: readonly AnnotationWarning[]
}

/** Bounds of what is read; beyond them the rest is left out and warned of. */
export const annotationCaps = {
  /** Characters of a source. */
  source: 256 * 1024,
  actions: 500,
  parameters: 64,
  /** Characters of one comment that documents something. */
  comment: 16 * 1024,
  /** Characters of a description of an action, and of a parameter or field. */
  description: 4096,
  shortDescription: 1024,
  /** Levels of one type, and parts of all types of a file together, names replaced by what they stand for. */
  typeDepth: 20,
  typeParts: 20_000,
  /** Characters of one schema, and of all schemas of a file together. */
  schema: 32 * 1024,
  schemas: 1024 * 1024,
  declaredTypes: 500,
  warnings: 50,
} as const
