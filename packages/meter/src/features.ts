// Parts of WebAssembly that are off unless the operator turns them on: the engine's own limits do not hold for them.

/** See the file's head. */
export interface Features {
  /** Garbage-collected types: every allocation is charged against the limit of memory. */
  readonly gc?: boolean
  /** Shared memories and atomic accesses: waits are bounded. */
  readonly threads?: boolean
  /** Memories and tables with 64-bit addresses. */
  readonly memory64?: boolean
}
