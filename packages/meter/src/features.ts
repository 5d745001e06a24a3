// What a host decides about a module: whether its instructions are counted, and which parts of WebAssembly it may use.

/**
 * Whether instructions are counted. With `sliced`, the guest's own code looks at nothing but the global `fuel`, not at the
 * flag, which is faster: the host must then hand out fuel in slices, and look at its clock whenever one is used up.
 */
export type Fuel = boolean | 'sliced'

/** Parts of WebAssembly that are off unless the operator turns them on: the engine's own limits do not hold for them. */
export interface Features {
  /** Garbage-collected types: every allocation is charged against the limit of memory. */
  readonly gc?: boolean
  /** Shared memories and atomic accesses: waits are bounded. */
  readonly threads?: boolean
  /** Memories and tables with 64-bit addresses. */
  readonly memory64?: boolean
}
