// What can be wrong with a manifest, as data: a fault refuses it, a warning does not. All of them are collected, none
// stops the search for the next.

/** A place in a text, both 1-based. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Keys and indexes from the root of the manifest to a value. */
export type FieldPath = readonly (string | number)[]

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

/** `['permissions', 'network', 1]` → `permissions.network[1]`; keys that are not plain words are quoted. */
export const fieldName = (path: FieldPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const word = /^[A-Za-z_][\w-]{0,99}$/.test(part) ? part : JSON.stringify(part.slice(0, 100))
    return text === '' ? word : `${text}.${word}`
  }, '')
