// The host functions that compute, behind the door, for the attacks on them.

import { openStandardLibrary, type StandardLibrary } from '@bulkhead/service-std'
import { type Door, openDoor } from './door.ts'

/** A library of its own, and doors to it. */
export interface ComputingDoors extends AsyncDisposable {
  /** A door for a plugin; the time is that of one host call. */
  door(options?: { readonly principal?: string; readonly hostCallMs?: number }): Door
}

/** Opens them. */
export const openComputingDoors = (): ComputingDoors => {
  const library: StandardLibrary = openStandardLibrary({ clock: Date })
  return {
    door: ({ principal = 'file:/p#p', hostCallMs = 30_000 } = {}) =>
      openDoor({ functions: library.functions, principal, limits: { hostCallMs } }),
    [Symbol.asyncDispose]: () => library[Symbol.asyncDispose](),
  }
}
