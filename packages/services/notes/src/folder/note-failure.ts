// Failures inside the vault's thread, as plain words that cross to the host, which makes errors of the closed table of them.
// A thread that has to start fast loads no more of the kernel than it needs.

/** What can be wrong. */
export type FailureKind =
  | 'not-found'
  | 'conflict'
  | 'exists'
  | 'not-regular'
  | 'too-large'
  | 'not-text'
  | 'busy'
  | 'outdated'
  | 'refused'
  | 'failed'

/** A failure of one request. */
export class NoteFailure extends Error {
  override readonly name = 'NoteFailure'
  readonly kind: FailureKind
  readonly path: string
  /** The present version, for `conflict` and `exists`. */
  readonly version: string | undefined

  constructor(kind: FailureKind, path: string, options: { readonly version?: string; readonly message?: string }) {
    super(options.message ?? kind)
    this.kind = kind
    this.path = path
    this.version = options.version
  }
}

/** Makes one. `path` is as the plugin knows it. */
export const noteFailure = (
  kind: FailureKind,
  path: string,
  options: { readonly version?: string; readonly message?: string } = {},
): NoteFailure => new NoteFailure(kind, path, options)
