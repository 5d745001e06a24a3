// What a generated module consists of, decided before any body is written: types, imports, functions, tables, memories,
// globals, tags, segments. Every maximum is declared, so that a cap of the meter's changes no outcome.

import { numberTypes, type ValueType } from './operators.ts'
import type { Prng } from './prng.ts'

/** What a field of a struct or an element of an array holds. */
export type FieldType = ValueType | 'i8' | 'i16'

/** A struct or an array, whose element is its only field. All fields can be changed. */
export interface HeapForm {
  readonly isArray: boolean
  readonly fields: readonly FieldType[]
}

/** A function type; with `heap` a type of objects instead, and without parameters and results. */
export interface Signature {
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly heap?: HeapForm
}

/** A function: its type as an index; imported ones come first. */
export interface PlannedFunction {
  readonly type: number
}

/** A table. */
export interface PlannedTable {
  readonly type: 'funcref' | 'externref'
  readonly min: number
  readonly max: number
  readonly imported: boolean
  readonly is64: boolean
}

/** A memory, in pages. */
export interface PlannedMemory {
  readonly min: number
  readonly max: number
  readonly imported: boolean
  readonly shared: boolean
  readonly is64: boolean
}

/** A global. The first own one counts the work that is left. */
export interface PlannedGlobal {
  readonly type: ValueType
  readonly mutable: boolean
  readonly imported: boolean
}

/** How the module writes exception handling. Engines refuse a module that mixes the two. */
export type ExceptionEncoding = 'none' | 'standard' | 'legacy'

/** See the file's head. */
export interface Plan {
  /** Function types first, types of blocks and tags among them. */
  readonly types: Signature[]
  /** Indexes of types of objects. */
  readonly heaps: readonly number[]
  readonly functions: readonly PlannedFunction[]
  readonly importedFunctions: number
  readonly tables: readonly PlannedTable[]
  readonly memories: readonly PlannedMemory[]
  readonly globals: readonly PlannedGlobal[]
  /** Index of the global that counts work. */
  readonly work: number
  /** Types of tags as indexes; imported ones first. */
  readonly tags: readonly number[]
  readonly importedTags: number
  readonly exceptions: ExceptionEncoding
  /** Passive and active data segments: lengths in bytes. */
  readonly data: readonly number[]
  /** Element segments of functions: how many elements. */
  readonly elements: readonly number[]
  readonly start: number | undefined
  readonly simd: boolean
  /** Whether memories are accessed atomically; some are shared then. */
  readonly atomics: boolean
  /** Whether bodies count work and stop; without it a module may run for ever. */
  readonly bounded: boolean
}

/** See {@link PlanOptions}. */
export interface Extras {
  readonly random: Prng
  /** Percentage of memories and tables whose addresses have 64 bits. */
  readonly wide: number
  /** How many types of objects. */
  readonly heaps: number
}

/** What a module is planned with. */
export interface PlanOptions {
  readonly bounded?: boolean
  /** For what is off unless an operator allows it; of a stream of its own, so that other choices stay as they were. */
  readonly extras?: Extras
}

/** Types that JavaScript can pass. */
export const isPassable = (type: ValueType): boolean => type !== 'v128' && type !== 'exnref'

/** Plans a module. */
export const makePlan = (random: Prng, { bounded = true, extras }: PlanOptions = {}): Plan => {
  const isWide = (): boolean => extras?.random.chance(extras.wide) === true
  const exceptions = random.pick<ExceptionEncoding>(['none', 'standard', 'standard', 'legacy', 'legacy'])
  const simd = random.chance(40)
  const atomics = random.chance(20)
  const internal: ValueType[] = [...numberTypes, ...numberTypes, 'funcref', 'externref']
  if (simd) internal.push('v128', 'v128')
  const passable = internal.filter(isPassable)
  const types: Signature[] = []
  const some = (from: readonly ValueType[], most: number): ValueType[] =>
    Array.from({ length: random.between(0, most) }, () => random.pick(from))
  const passableTypes = random.between(2, 5)
  for (let index = 0; index < passableTypes; index++) {
    types.push({ parameters: some(passable, 4), results: some(passable, random.chance(20) ? 3 : 1) })
  }
  const withReferences = [...internal, ...types.map((_, index) => `ref${index}` as const)]
  if (exceptions === 'standard') withReferences.push('exnref')
  const internalTypes = random.between(1, 4)
  for (let index = 0; index < internalTypes; index++) {
    types.push({ parameters: some(withReferences, 5), results: some(withReferences, 3) })
  }

  const importedFunctions = random.between(0, 4)
  const functions: PlannedFunction[] = []
  for (let index = 0; index < importedFunctions; index++) functions.push({ type: random.below(passableTypes) })
  const defined = random.between(2, 7)
  for (let index = 0; index < defined; index++) {
    functions.push({ type: random.chance(70) ? random.below(passableTypes) : random.below(types.length) })
  }

  const memories = inImportOrder(
    Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, () => {
      const min = random.chance(6) ? random.pick([5, 30, 40, 50]) : random.pick([0, 1, 1, 1, 2])
      const shared = atomics && random.chance(50)
      return { min, max: min + random.between(0, 3), imported: random.chance(30), shared, is64: isWide() }
    }),
  )
  const tables = inImportOrder(
    Array.from({ length: random.pick([0, 1, 1, 1, 2, 3]) }, (_, index) => {
      const min = random.between(1, 12)
      const type: PlannedTable['type'] = index === 0 || random.chance(60) ? 'funcref' : 'externref'
      return { type, min, max: min + random.between(0, 6), imported: random.chance(25), is64: isWide() }
    }),
  )
  const others = inImportOrder(
    Array.from({ length: random.between(0, 6) }, () => {
      const imported = random.chance(30)
      const mutable = random.chance(75)
      return {
        type: random.pick(imported ? passable.filter((type) => type !== 'funcref') : internal),
        mutable,
        imported,
      }
    }),
  )
  const work = others.filter(({ imported }) => imported).length
  const globals: PlannedGlobal[] = [...others]
  globals.splice(work, 0, { type: 'i32', mutable: true, imported: false })

  const tags: number[] = []
  if (exceptions !== 'none') {
    const count = random.between(1, 3)
    for (let index = 0; index < count; index++) {
      types.push({ parameters: some([...numberTypes, 'externref', 'funcref'], 3), results: [] })
      tags.push(types.length - 1)
    }
  }
  const starts = functions.flatMap(({ type }, index) => {
    const signature = types[type]
    if (index < importedFunctions || signature === undefined) return []
    return signature.parameters.length === 0 && signature.results.length === 0 ? [index] : []
  })
  const heaps: number[] = []
  if (extras !== undefined) {
    for (let index = 0; index < extras.heaps; index++) {
      types.push({ parameters: [], results: [], heap: makeHeapForm(extras.random, heaps, simd) })
      heaps.push(types.length - 1)
    }
  }
  return {
    types,
    heaps,
    functions,
    importedFunctions,
    tables,
    memories,
    globals,
    work,
    tags,
    importedTags: random.between(0, tags.length),
    exceptions,
    data: memories.length === 0 ? [] : Array.from({ length: random.between(0, 3) }, () => random.between(0, 200)),
    elements: tables.length === 0 ? [] : Array.from({ length: random.between(0, 3) }, () => random.between(0, 8)),
    start: starts.length > 0 && random.chance(60) ? random.pick(starts) : undefined,
    simd,
    atomics,
    bounded,
  }
}

const makeHeapForm = (random: Prng, earlier: readonly number[], simd: boolean): HeapForm => {
  const known: FieldType[] = [
    ...numberTypes,
    'i8',
    'i16',
    'funcref',
    'externref',
    ...earlier.map((index) => `ref${index}` as const),
  ]
  if (simd) known.push('v128')
  const isArray = random.chance(60)
  return { isArray, fields: Array.from({ length: isArray ? 1 : random.between(1, 5) }, () => random.pick(known)) }
}

const inImportOrder = <Item extends { readonly imported: boolean }>(items: readonly Item[]): Item[] => [
  ...items.filter(({ imported }) => imported),
  ...items.filter(({ imported }) => !imported),
]
