// The languages whose interpreters we build ourselves: each is a package with one module that speaks the interpreter ABI.

import type { Language } from '@bulkhead/kernel'

/** What there is to know of one. */
export interface BuiltLanguage {
  readonly name: 'lua' | 'rune'
  /** For messages. */
  readonly title: string
  /** Package of the module, under `wasm` among its exports. */
  readonly package: string
  /** Endings of its source files. */
  readonly endings: readonly string[]
}

/** By the language that a manifest names. */
export const builtLanguages: Readonly<Partial<Record<Language, BuiltLanguage>>> = {
  lua: { name: 'lua', title: 'the Lua interpreter', package: '@bulkhead/interpreter-lua', endings: ['.lua'] },
  rune: {
    name: 'rune',
    title: 'the Rune interpreter',
    package: '@bulkhead/interpreter-rune',
    endings: ['.rune', '.rn'],
  },
}
