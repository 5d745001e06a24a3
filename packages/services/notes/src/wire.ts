// What crosses between the host and a vault's thread. Types only: the thread must start fast.

import type { FailureKind } from './folder/note-failure.ts'
import type { Frontmatter } from './markdown/frontmatter.ts'

/** What the thread is started with. */
export interface ThreadData {
  /** Real path of the vault. */
  readonly folder: string
  /** Index, lock and journal are this with an ending each. */
  readonly state: string
  /** Folders that are none of the vault's even where they lie in it. */
  readonly excluded: readonly string[]
  readonly busyTimeoutMs: number
  /** Larger files are not taken into the index. */
  readonly maxNoteBytes: number
  readonly model: { readonly id: string; readonly dimensions: number } | null
  /** How old what is known may be before a question has the folder looked over again, ms. */
  readonly rescanMs: number
}

/** Which notes. */
export interface NoteFilter {
  /** Notes below this folder. */
  readonly folder?: string | undefined
  /** Notes with this tag or one beneath it. */
  readonly tag?: string | undefined
}

/** A part of a long answer. */
export interface Range {
  readonly offset: number
  readonly count: number
}

/** Whether and how a change takes place. */
export interface ChangeOptions {
  readonly maxBytes: number
  readonly ifVersion: string | undefined
  /** Nothing is changed; the answer is what it would have been. */
  readonly dryRun: boolean
  readonly diff: boolean
}

/** What the thread is asked. */
export type Question =
  | { readonly kind: 'read'; readonly path: string; readonly maxBytes: number }
  | {
      readonly kind: 'list'
      readonly filter: NoteFilter
      readonly recursive: boolean
      readonly after: string
      readonly count: number
    }
  | { readonly kind: 'folders'; readonly folder: string }
  | {
      readonly kind: 'search'
      readonly text: string | undefined
      readonly vector: Float32Array | undefined
      readonly filter: NoteFilter
      readonly range: Range
    }
  | {
      readonly kind: 'excerpts'
      readonly hits: readonly { readonly path: string; readonly at: number | null }[]
      readonly query: string
      readonly maxBytes: number
    }
  | { readonly kind: 'backlinks'; readonly path: string; readonly range: Range }
  | { readonly kind: 'forward'; readonly path: string }
  | { readonly kind: 'targets' }
  | {
      readonly kind: 'unresolved'
      readonly filter: NoteFilter
      /** Notes that count as missing. */
      readonly hidden: readonly string[]
      readonly range: Range
    }
  | { readonly kind: 'tags'; readonly filter: NoteFilter }
  | { readonly kind: 'neighbours'; readonly paths: readonly string[]; readonly direction: 'out' | 'in' | 'both' }
  | { readonly kind: 'similar'; readonly path: string; readonly filter: NoteFilter; readonly count: number }
  | { readonly kind: 'details'; readonly paths: readonly string[]; readonly tag: string | undefined }
  | { readonly kind: 'graph'; readonly filter: NoteFilter }
  | { readonly kind: 'resolve'; readonly link: string; readonly from: string }
  | {
      readonly kind: 'paths'
      /** Of the notes whose vectors are not made yet alone. */
      readonly isPending: boolean
    }
  | { readonly kind: 'status' }
  | Change

/** A question that changes notes. */
export type Change =
  | {
      readonly kind: 'write'
      readonly path: string
      readonly edit: Edit
      readonly options: ChangeOptions
    }
  | { readonly kind: 'delete'; readonly path: string; readonly options: ChangeOptions }
  | { readonly kind: 'plan-rename'; readonly from: string; readonly to: string; readonly rewrite: boolean }
  | {
      readonly kind: 'rename'
      readonly from: string
      readonly to: string
      readonly rewrite: boolean
      /** Notes that may be rewritten; when another has to be, nothing is done. */
      readonly mayRewrite: readonly string[]
      readonly options: ChangeOptions
    }

/** How the content of one note comes about. */
export type Edit =
  | { readonly kind: 'create' | 'overwrite' | 'update'; readonly content: string }
  | { readonly kind: 'append'; readonly content: string }
  | { readonly kind: 'replace'; readonly find: string; readonly replace: string }

/** A note in a list. */
export interface ListedNote {
  readonly path: string
  readonly title: string
  readonly tags: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly modified: number
  readonly size: number
}

/** A link in a note. */
export interface ShownLink {
  /** As written, with its anchor. */
  readonly link: string
  /** The note that it leads to. */
  readonly path: string | null
  readonly alias: string | null
  readonly embed: boolean
  readonly line: number
}

/** A change of one note. */
export interface NoteChange {
  readonly path: string
  readonly version: string
  readonly diff?: string
}

/** A note that was found. */
export interface Hit {
  readonly path: string
  /** Higher is better; of one search only comparable among themselves. */
  readonly score: number
  /** Where the passage that was found begins, UTF-16 offset; null when the words themselves were found. */
  readonly at: number | null
}

/** What the thread answers, by the kind of the question. */
export interface Answers {
  readonly read: {
    readonly path: string
    readonly content: string
    readonly version: string
    readonly title: string
    readonly tags: readonly string[]
    readonly frontmatter: Frontmatter | null
    readonly fault: string | null
  }
  readonly list: { readonly notes: readonly ListedNote[]; readonly more: boolean }
  /** The notes below each folder. */
  readonly folders: readonly (readonly [folder: string, notes: readonly string[]])[]
  /** `isPending`: whether some notes have no vectors yet. */
  readonly search: { readonly hits: readonly Hit[]; readonly isPending: boolean }
  readonly excerpts: readonly {
    readonly path: string
    readonly title: string
    readonly snippet: string
    readonly line: number
  }[]
  readonly backlinks: readonly (ShownLink & { readonly from: string })[] | null
  readonly forward: readonly ShownLink[] | null
  readonly targets: readonly string[]
  readonly unresolved: readonly {
    readonly from: string
    readonly link: string
    readonly line: number
    readonly isAttachment: boolean
  }[]
  readonly tags: {
    readonly paths: readonly string[]
    readonly tags: readonly (readonly [tag: string, notes: Int32Array])[]
  }
  readonly neighbours: readonly (readonly string[] | null)[]
  readonly similar: readonly { readonly path: string; readonly score: number }[] | null
  readonly details: readonly { readonly path: string; readonly title: string; readonly hasTag: boolean }[]
  /** `edges` holds pairs of places in `paths`. */
  readonly graph: { readonly paths: readonly string[]; readonly edges: Int32Array }
  readonly resolve: readonly string[]
  readonly paths: readonly string[]
  readonly status: {
    readonly skipped: readonly { readonly path: string; readonly reason: string }[]
    readonly faults: readonly { readonly path: string; readonly reason: string }[]
    readonly isWatched: boolean
  }
  readonly write: NoteChange
  readonly delete: { readonly trash: string; readonly version: string; readonly diff?: string }
  readonly 'plan-rename': { readonly rewrites: readonly string[] }
  readonly rename: { readonly path: string; readonly version: string; readonly changed: readonly NoteChange[] }
}

/** A failure as it crosses. */
export interface WireFailure {
  readonly kind: FailureKind
  readonly path: string
  readonly version: string | undefined
  readonly message: string
}

/** To the thread. */
export type ToThread =
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'cancel'; readonly id: number }
  /** Vectors of an `embed` of the thread's, one after the other; null when there are none. */
  | { readonly kind: 'vectors'; readonly id: number; readonly data: Float32Array | null }
  | { readonly kind: 'close' }

/** From the thread. */
export type FromThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: WireFailure }
  | { readonly kind: 'embed'; readonly id: number; readonly texts: readonly string[] }
