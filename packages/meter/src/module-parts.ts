// What a module declares, as far as rewriting needs it.

import type { SizeLimits } from './limits.ts'
import type { Reader } from './reader.ts'
import type { Range, TypeSection } from './type-section.ts'

/** Kinds of imports and exports, in the order of the binary format. */
export const externalKinds = ['function', 'table', 'memory', 'global', 'tag'] as const

/** See {@link externalKinds}. */
export type ExternalKind = (typeof externalKinds)[number]

/** One import. `whole` is its bytes; `type` the type index of a function. */
export interface ImportEntry {
  readonly module: string
  readonly name: string
  readonly kind: ExternalKind
  readonly whole: Range
  readonly type: number
  readonly memory: SizeLimits | undefined
  readonly table: TableEntry | undefined
}

/** One export. `head` is the bytes of its name. */
export interface ExportEntry {
  readonly name: string
  readonly kind: ExternalKind
  readonly index: number
  readonly head: Range
}

/** One table: the bytes before its limits, its element type, its limits, its initial value. */
export interface TableEntry {
  readonly head: Range
  readonly element: Range
  readonly size: SizeLimits
  readonly init: Range
}

/** One global of the module's own. */
export interface GlobalEntry {
  readonly type: Range
  readonly init: Range
  /** Whether JavaScript can read and set it: numbers of up to 64 bits. */
  readonly isPlain: boolean
  readonly isMutable: boolean
}

/** A custom section: all of it, and what comes after its name. */
export interface CustomEntry {
  readonly name: string
  readonly body: Range
  readonly content: Range
}

/** A module taken apart. */
export interface ModuleParts {
  readonly bytes: Uint8Array
  readonly typeSection: TypeSection
  readonly imports: ImportEntry[]
  /** Type indexes of the functions that the module defines. */
  readonly functions: number[]
  readonly tables: TableEntry[]
  readonly memories: SizeLimits[]
  readonly globals: GlobalEntry[]
  readonly exports: ExportEntry[]
  readonly start: number | undefined
  /** Bytes that constant expressions allocate on the engine's heap; grows as they are read. */
  readonly heap: { bytes: number }
  /** Bodies of sections that are read only when they are written. */
  readonly raw: ReadonlyMap<number, Reader>
  readonly customs: readonly CustomEntry[]
}
