// The published ways out of an embedded interpreter, by class: what every script language is attacked with. A language says
// how it is tried there, or why it cannot be. What it comes to is the same for all: nothing is got hold of, or the call ends.

/** The classes. */
export const attackClasses = [
  'constructor chains',
  'prototypes and metatables',
  'inspection of errors and stacks',
  'iterators',
  'promises and coroutines',
  'dynamic code',
  'module loaders',
  'bytecode',
  'patterns that explode',
  'repeated texts',
  'deep recursion',
  'native loops',
  'allocation bombs',
  'code that never ends',
] as const
/** One of them. */
export type AttackClass = (typeof attackClasses)[number]

/** How a class is tried. The code is the body of an action. */
export type Attempt =
  /** It answers what it got hold of: an empty list, when all holds. */
  | { readonly reaches: string }
  /** It never ends by itself, or takes whatever there is; one of these codes ends it. */
  | { readonly ends: string; readonly codes: readonly EndCode[] }
  /** The language has nothing of the kind. */
  | { readonly lacks: string }

/** What may end it: `plugin.failed` where the interpreter itself refuses before anything was taken. */
export type EndCode = 'limit.time' | 'limit.memory' | 'limit.stack' | 'plugin.failed'

/** All classes in one language; several attempts of a class each have a name. */
export interface LanguageAttacks {
  readonly entry: string
  /** Puts the body of an action into a source. */
  action(name: string, body: string): string
  /** At the top of the source. */
  readonly head?: string
  readonly attempts: Readonly<Record<AttackClass, Readonly<Record<string, Attempt>>>>
}
