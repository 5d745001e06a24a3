// wasm bytes in, wasm bytes out: a module that can be interrupted at every loop and function, whose memories and tables
// cannot outgrow their limits, and whose state can be read and put back by whoever made its memories. Nothing is executed,
// nothing is compiled. How the parts fit is told in docs/adr/0006-meter-rewrites-modules.md.

import { Appended, type ExceptionEncoding } from './appended.ts'
import type { Addressed } from './bulk-functions.ts'
import { paidByCallers } from './callers-pay.ts'
import type { ConstContext } from './const-expression.ts'
import { type Fault, invalid, ModuleFault } from './fault.ts'
import type { Features, Fuel } from './features.ts'
import { hintsSection } from './hints.ts'
import { Layout } from './layout.ts'
import { capSizeLimits, type SizeLimits } from './limits.ts'
import type { ExternalKind, ImportEntry, ModuleParts, TableEntry } from './module-parts.ts'
import { globalExport, memoryImport, meterNamespace, startExport } from './names.ts'
import { checkHeader, readModule } from './read-module.ts'
import { Reader } from './reader.ts'
import { rewriteCode } from './rewrite-code.ts'
import { dataLengths, elementCounts } from './rewrite-segments.ts'
import { SegmentSizes } from './segment-sizes.ts'
import { checkSubstitution, type Substitution, substituteBody } from './substitutes.ts'
import { type Arity, arityOf, type FunctionType } from './type-section.ts'
import { exportedGlobals, writeModule } from './write-module.ts'

/** How a module is to be rewritten. */
export interface MeterOptions {
  /** Pages of 64 KiB of all memories of its own together. */
  readonly maxMemoryPages: number
  /** Elements of all tables together. */
  readonly maxTableElements: number
  /** Largest module, bytes. */
  readonly maxModuleBytes: number
  /** Whether instructions are counted; see docs/reference/fuel.md. */
  readonly fuel: Fuel
  readonly features?: Features
  /**
   * The engine's judgement of the original bytes: undefined when they are valid, else why not. What is invalid alone can
   * become valid once the meter's functions and globals are there.
   */
  validate(bytes: Uint8Array): string | undefined
  /** Imported functions that become accesses of the memory of blocks. */
  readonly substitutions?: readonly Substitution[]
}

/** A memory of the module, in index order; pages. */
export interface MeteredMemory {
  /** Where it is imported from. A memory of the module's own has become an import of the meter's namespace. */
  readonly from: { readonly module: string; readonly name: string }
  readonly own: boolean
  readonly min: number
  /** Capped where it is the module's own; as declared where it is imported. */
  readonly max: number | undefined
  readonly shared: boolean
  readonly is64: boolean
}

/** An exported function with its arity. */
export interface FunctionExport extends Arity {
  readonly name: string
}

/** A rewritten module, and what its loader must know of it. */
export interface MeteredModule {
  readonly bytes: Uint8Array
  readonly memories: readonly MeteredMemory[]
  /** Whether it imports a table: whoever supplies it sets the maximum. */
  readonly importsTable: boolean
  /** Whether the memory of blocks and the input's globals are imported. */
  readonly usesBlocks: boolean
  /** Exported name of what was the start function. The host calls it after instantiation. */
  readonly startExport: string | undefined
  /** Exported names of the mutable globals of its own; undefined when JavaScript cannot read one of them. */
  readonly globalExports: readonly string[] | undefined
  /** Without the meter's own, as the two below. */
  readonly functionExports: readonly FunctionExport[]
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: ExternalKind }[]
  readonly exports: readonly { readonly name: string; readonly kind: ExternalKind }[]
}

/** What became of a module. */
export type MeterResult =
  | { readonly ok: true; readonly module: MeteredModule }
  | { readonly ok: false; readonly fault: Fault }

/** Rewrites a module. Never throws: a refusal is a value. */
export const meterModule = (bytes: Uint8Array, options: MeterOptions): MeterResult => {
  try {
    return { ok: true, module: rewrite(bytes, options) }
  } catch (thrown) {
    if (thrown instanceof ModuleFault) return { ok: false, fault: { code: thrown.code, message: thrown.message } }
    throw thrown
  }
}

const pageBytes = 65_536

/** Pages that a memory of 32-bit addresses has at most (core specification, 3.2.4). */
const mostPages = 65_536

const rewrite = (bytes: Uint8Array, options: MeterOptions): MeteredModule => {
  checkHeader(bytes, options.maxModuleBytes)
  const features = options.features ?? {}
  const parts = readModule(bytes, features)
  const why = options.validate(bytes)
  if (why !== undefined) throw invalid(why)
  const memories = capSizeLimits(parts.memories, Math.min(options.maxMemoryPages, mostPages), 'pages of memory')
  const tables = capSizeLimits(
    parts.tables.map(({ size }) => size),
    options.maxTableElements,
    'table elements',
  )
  const imported = importsByKind(parts)
  const context: ConstContext = { features, types: parts.typeSection.types, heap: parts.heap }
  const substitutions = findSubstitutions(parts, imported.functions, options.substitutions ?? [])
  const layout = makeLayout(parts, imported, { fuel: options.fuel !== false, substitutions })
  const appended = new Appended(layout)
  const code = rewriteCode(parts.raw.get(10), {
    appended,
    fuel: options.fuel,
    features,
    types: context.types,
    functions: [...imported.functions.map(({ type }) => type), ...parts.functions],
    memories: [...imported.memories, ...parts.memories],
    tables: [...imported.tables, ...parts.tables].map((table) => addressed(table, bytes)),
    segments: segmentSizes(parts, context),
    hints: hintsOf(parts),
    paidByCallers: options.fuel === false ? new Uint8Array() : paidByCallers(parts, context, imported.functions.length),
  })
  appendForImports(appended, { parts, functions: imported.functions, substitutions, encoding: code.exceptions })
  const written = writeModule(parts, {
    layout,
    context,
    appended,
    code: code.bytes,
    hints: code.hints,
    memories,
    tables,
  })
  if (parts.heap.bytes > options.maxMemoryPages * pageBytes) {
    throw new ModuleFault(
      'limit.memory',
      `the module makes ${parts.heap.bytes} bytes of objects when it is instantiated`,
    )
  }
  return { bytes: written, ...describe(parts, { imported, memories, substitutions }) }
}

interface Imported {
  readonly functions: readonly ImportEntry[]
  readonly memories: readonly SizeLimits[]
  readonly tables: readonly TableEntry[]
  readonly globals: number
}

const importsByKind = ({ imports }: ModuleParts): Imported => ({
  functions: imports.filter(({ kind }) => kind === 'function'),
  memories: imports.flatMap(({ memory }) => (memory === undefined ? [] : [memory])),
  tables: imports.flatMap(({ table }) => (table === undefined ? [] : [table])),
  globals: imports.filter(({ kind }) => kind === 'global').length,
})

const addressed = ({ size, element }: TableEntry, bytes: Uint8Array): Addressed => ({
  is64: size.is64,
  element: bytes.subarray(element.start, element.end),
})

type Substitutions = ReadonlyMap<number, Substitution>

const makeLayout = (
  parts: ModuleParts,
  imported: Imported,
  { fuel, substitutions }: { fuel: boolean; substitutions: Substitutions },
): Layout =>
  new Layout(
    {
      types: parts.typeSection.types.length,
      importedFunctions: imported.functions.length,
      definedFunctions: parts.functions.length,
      importedGlobals: imported.globals,
      definedGlobals: parts.globals.length,
      memories: imported.memories.length + parts.memories.length,
    },
    {
      fuel,
      blocks: substitutions.size > 0,
      allocation: parts.typeSection.types.some(({ form }) => form !== 'function'),
      substituted: new Set(substitutions.keys()),
    },
  )

const segmentSizes = ({ raw }: ModuleParts, context: ConstContext): SegmentSizes => {
  const again = (id: number): Reader | undefined => {
    const section = raw.get(id)
    return section === undefined ? undefined : new Reader(section.bytes, section.at, section.end)
  }
  const [elements, data] = [again(9), again(11)]
  return new SegmentSizes(
    () => (data === undefined ? [] : dataLengths(data, context)),
    () => (elements === undefined ? [] : elementCounts(elements, context)),
  )
}

const hintsOf = ({ customs, bytes }: ModuleParts): Reader | undefined => {
  const found = customs.find(({ name }) => name === hintsSection)
  return found === undefined ? undefined : new Reader(bytes, found.content.start, found.content.end)
}

/** Makes what stands for the imports, now that it is known how the module writes exceptions, and the slow path of checks. */
const appendForImports = (
  appended: Appended,
  from: {
    readonly parts: ModuleParts
    readonly functions: readonly ImportEntry[]
    readonly substitutions: Substitutions
    readonly encoding: ExceptionEncoding
  },
): void => {
  const { parts, functions, substitutions, encoding } = from
  appended.makeTick(encoding)
  for (const [index, { type }] of functions.entries()) {
    const substitution = substitutions.get(index)
    if (substitution !== undefined) {
      appended.substitute(index, type, substituteBody(substitution.operation, appended.layout))
      continue
    }
    const signature = functionType(parts, type)
    appended.wrap(index, { type, signature, bytes: parts.bytes }, encoding)
  }
}

const functionType = ({ typeSection }: ModuleParts, index: number): FunctionType => {
  const type = typeSection.types[index]
  if (type?.form !== 'function') throw invalid('an imported function has a type that is none of a function')
  return type
}

/** By the index of the imported function. */
const findSubstitutions = (
  parts: ModuleParts,
  functions: readonly ImportEntry[],
  substitutions: readonly Substitution[],
): Substitutions => {
  const found = new Map<number, Substitution>()
  if (substitutions.length === 0) return found
  const byName = new Map(substitutions.map((entry) => [`${entry.module}\u0000${entry.name}`, entry]))
  for (const [index, { module, name, type }] of functions.entries()) {
    const substitution = byName.get(`${module}\u0000${name}`)
    if (substitution === undefined) continue
    const { start, end } = functionType(parts, type).whole
    checkSubstitution(substitution, parts.bytes.subarray(start, end))
    found.set(index, substitution)
  }
  return found
}

const describe = (
  parts: ModuleParts,
  {
    imported,
    memories,
    substitutions,
  }: { imported: Imported; memories: readonly SizeLimits[]; substitutions: Substitutions },
): Omit<MeteredModule, 'bytes'> => {
  const own = (index: number): string => memoryImport(imported.memories.length + index)
  const functions = [...imported.functions.map(({ type }) => type), ...parts.functions]
  const substituted = new Set([...substitutions.keys()].map((index) => imported.functions[index]))
  return {
    memories: [
      ...parts.imports.flatMap(({ module, name, memory }) =>
        memory === undefined ? [] : [{ from: { module, name }, own: false, ...memory }],
      ),
      ...memories.map((size, index) => ({ from: { module: meterNamespace, name: own(index) }, own: true, ...size })),
    ],
    importsTable: imported.tables.length > 0,
    usesBlocks: substitutions.size > 0,
    startExport: parts.start === undefined ? undefined : startExport,
    globalExports: exportedGlobals(parts)?.map(globalExport),
    functionExports: parts.exports.flatMap(({ name, kind, index }) => {
      if (kind !== 'function') return []
      const { parameters, results } = arityOf(parts.typeSection.types[functions[index] ?? -1])
      return [{ name, parameters, results }]
    }),
    imports: parts.imports
      .filter((entry) => !substituted.has(entry))
      .map(({ module, name, kind }) => ({ module, name, kind })),
    exports: parts.exports.map(({ name, kind }) => ({ name, kind })),
  }
}
