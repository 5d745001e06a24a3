// What can be wrong with a manifest, as data: a fault refuses it, a warning does not. All of them are collected, none
// stops the search for the next.

import type { FieldPath } from '../schema/field-path.ts'

export { type FieldPath, fieldName } from '../schema/field-path.ts'

/** A place in a text, both 1-based. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** One reason why a manifest is refused. */
export interface ManifestFault {
  readonly file: string
  /** 1-based line of the field, or of the table that should hold it. */
  readonly line: number
  readonly column?: number
  /** Dotted path, `permissions.network[1].host`; empty for the whole file. */
  readonly field: string
  readonly message: string
  /** What to write instead. */
  readonly mend: string
}

/** Something that an operator should look at before granting; the manifest is valid. */
export interface ManifestWarning {
  readonly file: string
  readonly line: number
  readonly field: string
  readonly message: string
}

/** A fault that does not know its place yet: the path is looked up in the source. */
export interface FaultAtPath {
  readonly path: FieldPath
  readonly message: string
  readonly mend: string
}
